"""SLA policies and their versions: which one a conversation is under."""
