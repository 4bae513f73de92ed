"""SLA clocks as rows: written from conversations, recalculated, watched for breaches."""
