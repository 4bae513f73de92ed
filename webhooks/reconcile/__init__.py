"""Reconciliation: finds events whose webhooks never arrived and records them as deliveries."""
