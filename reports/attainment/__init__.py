"""How many SLA targets were met, by group and by day, with the rows behind each figure. Clocks are only read here."""
