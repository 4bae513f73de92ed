"""A draft's way from proposal to sent reply: decisions, escalations, guards, sending once."""
