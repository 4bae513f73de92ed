"""A draft from its proposal to the sent reply: decisions, escalations, guards, sending exactly once."""
