"""Every call that this site makes: the Chatwoot client, chat messages, allowed addresses, reachability."""
