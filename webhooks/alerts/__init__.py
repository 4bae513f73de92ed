"""Alerts for the people who run the site: opening and closing them, rules, quiet hours, notifications."""
