"""Finds the articles that answer a question, by meaning and by words, and says how sure it is. Knows no draft.

numpy and the models are imported where they are used: a process that never searches does not load them.
"""
