"""How the database is used safely: clock, deadlines, durability, outages, encryption, the SQLite write lock."""
