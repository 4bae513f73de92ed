"""Pure functions on text: plain words, quotes, links, money, personal data, Liquid. No database."""
