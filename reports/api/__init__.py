"""The REST side of the reports, a file a noun."""
