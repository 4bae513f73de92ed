"""The REST side of the desk, a file a noun."""
