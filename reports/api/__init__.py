"""The REST API of the reports, one file for each noun."""
