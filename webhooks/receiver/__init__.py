"""The webhook endpoint: verify, store a row (or a spool file), answer. Nothing slow may enter."""
