"""The pages of reports, a file a noun."""

from .clock_admin import ClockAdmin
from .policy_admin import SLAPolicyAdmin
from .recipient_admin import WeeklyRecipientAdmin
from .weekly_page import WeeklyReportAdmin

__all__ = ["ClockAdmin", "SLAPolicyAdmin", "WeeklyRecipientAdmin", "WeeklyReportAdmin"]
