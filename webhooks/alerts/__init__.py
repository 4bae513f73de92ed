"""What the people who run the site are told: alert kinds, rules, quiet hours, notifications."""
