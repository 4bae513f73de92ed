"""The queue: which customers are waiting, in what order, who is assigned, and what was dismissed."""
