"""The pages of reports, a file a noun."""

from .policy_admin import SLAPolicyAdmin

__all__ = ["SLAPolicyAdmin"]
