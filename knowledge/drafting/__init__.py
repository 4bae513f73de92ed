"""Turns a customer's message into a proposed draft, with the built-in drafter or a model."""
