"""Personal data: masking, retention, export and erasure of a person's data."""
