"""Who may do what: rights, API tokens, sign-in, the second factor, and rate limits."""
