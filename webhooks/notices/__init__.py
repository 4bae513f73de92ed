"""Notices to people about their own work: written with their cause, and sent in digests as each person chose."""
