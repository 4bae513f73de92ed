"""A customer's message becomes a proposed draft, with the built-in drafter or a model."""
