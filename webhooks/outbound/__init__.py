"""Every call that leaves the site: the Chatwoot client, chat messages, allowed addresses, reachability."""
