"""gunicorn's settings (gunicorn -c python:support_site.web_server), read from the same environment as the site's."""

from . import env

HOST = env.text("BIND", "127.0.0.1")
PORT = env.integer("PORT", default=8000, least=1)

bind = f"{HOST}:{PORT}"
workers = env.integer("WEB_WORKERS", default=2, least=1)
worker_class = "gthread"
threads = 4
# Below the supervisor's patience, so that the last requests end before it kills.
graceful_timeout = 6
# Its default is one socket in the home folder, which two sites of one user would share.
control_socket_disable = True
