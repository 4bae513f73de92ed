"""Pure functions on text: normal forms, quotes, links, money, personal data, Liquid. No database, no models."""
