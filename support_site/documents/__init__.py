"""Serves the project's documents, and generates those that are derived from code."""
