"""What runs by the clock, one table. Seeded as django-q2 schedules, so they can be seen and paused in the admin."""

from django_q.models import Schedule

SCHEDULES = [
    # run_workers wakes drains itself, five times a second; this serves a plain `manage.py qcluster`.
    {
        "name": "drain what is due (fallback)",
        "func": "webhooks.workers.drain.drain_all",
        "schedule_type": Schedule.MINUTES,
        "minutes": 1,
        "repeats": -1,
    },
]
