"""How many targets were met, by group and day, with the rows behind each figure."""
