"""A connected Chatwoot account: connecting it, its mode, its webhook registration, and alerts when it is silent."""
