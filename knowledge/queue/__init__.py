"""Who is waiting, in what order, and who works on whom."""
