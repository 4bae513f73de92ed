"""Rules that ask for a second person, and the facts they look at."""
