"""Risk rules: what flags a reply or requires a second person, and the facts that the rules check."""
