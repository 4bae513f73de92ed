"""The webhook endpoint: verify, keep the row (or the spool file), answer. Nothing slow may enter."""
