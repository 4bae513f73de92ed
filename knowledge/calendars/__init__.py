"""Business calendars: which one applies to an inbox, their versions, deadlines, and hours copied from Chatwoot."""
