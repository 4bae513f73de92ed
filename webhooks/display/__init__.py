"""How stored facts are written for people: times, numbers, codes, timelines. No rules, and no queries that decide anything."""
