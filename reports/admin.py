"""The pages of reports, a file a noun."""

from .clock_admin import ClockAdmin
from .policy_admin import SLAPolicyAdmin
from .recipient_admin import WeeklyRecipientAdmin
from .recompute_page import RecomputeAdmin
from .weekly_page import WeeklyReportAdmin

__all__ = ["ClockAdmin", "RecomputeAdmin", "SLAPolicyAdmin", "WeeklyRecipientAdmin", "WeeklyReportAdmin"]
