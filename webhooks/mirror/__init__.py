"""Events folded into conversations, messages and contacts. The same events in any order give the same state."""
