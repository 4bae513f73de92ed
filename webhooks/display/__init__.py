"""How facts of the wire are written for people: times, numbers, codes, timelines. No rules, no queries that decide."""
