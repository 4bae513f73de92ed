"""The pages of reports, a file a noun."""

from .clocks import ClockAdmin
from .recipients import WeeklyRecipientAdmin
from .recompute import RecalculationAdmin
from .sla_policies import SLAPolicyAdmin
from .weekly_report import WeeklyReportAdmin

__all__ = ["ClockAdmin", "RecalculationAdmin", "SLAPolicyAdmin", "WeeklyRecipientAdmin", "WeeklyReportAdmin"]
