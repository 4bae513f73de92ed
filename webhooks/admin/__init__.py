"""The wire's pages, a file a noun."""

from . import deliveries, inboxes, people, policies, sources, switch

__all__ = ["deliveries", "inboxes", "people", "policies", "sources", "switch"]
