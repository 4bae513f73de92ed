"""The wire's pages, a file a noun."""

from . import deliveries, people, policies, sources, switch

__all__ = ["deliveries", "people", "policies", "sources", "switch"]
