"""What settings.py is made of (environment, wiring of the apps, schedules, log lines, date formats), and the checks of it all."""
