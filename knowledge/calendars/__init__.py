"""Calendars as rows: which one serves an inbox, its versions, deadlines by it, and hours taken from Chatwoot."""
