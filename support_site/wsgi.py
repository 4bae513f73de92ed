"""The entry point of the web process: gunicorn support_site.wsgi:application."""

import io
import os

from django.core.management import call_command
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "support_site.settings")
application = get_wsgi_application()
# A server does not run the system checks by itself, and a missing key must not go unnoticed.
call_command("check", stdout=io.StringIO())

from webhooks.receiver import spool_import  # noqa: E402  (models need the application)
from webhooks.workers import host_monitor  # noqa: E402  (models need the application)

spool_import.watch()
host_monitor.watch()
