"""The web process: gunicorn's settings and worker, and the middleware that every request passes. No page."""
