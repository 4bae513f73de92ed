"""Finds what Chatwoot sent while nobody was listening and records it as deliveries."""
