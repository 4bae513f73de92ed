"""A connected Chatwoot account: connecting it, its mode, its registration, its silence."""
