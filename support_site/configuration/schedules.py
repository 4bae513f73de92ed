"""Scheduled tasks in one table. Seeded as django-q2 schedules, so that they can be seen and paused in the admin."""

from django_q.models import Schedule

SCHEDULES = [
    # run_workers wakes drains itself, five times a second. This is for a plain `manage.py qcluster`.
    {
        "name": "drain due deliveries (fallback)",
        "func": "webhooks.workers.drain.drain_all",
        "schedule_type": Schedule.MINUTES,
        "minutes": 1,
        "repeats": -1,
    },
]
