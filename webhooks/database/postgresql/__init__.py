"""Django's PostgreSQL backend with one addition: a wait ends when its deadline has passed (deadline.py)."""
