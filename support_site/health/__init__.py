"""How well the site itself works: endpoints for load balancers, metrics for Prometheus, and the Health page."""
