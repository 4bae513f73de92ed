"""The admin pages of the reports, one file for each noun."""

from .clocks import ClockAdmin
from .recalculations import RecalculationAdmin
from .recipients import WeeklyRecipientAdmin
from .sla_policies import SLAPolicyAdmin
from .weekly_report import WeeklyReportAdmin

__all__ = ["ClockAdmin", "RecalculationAdmin", "SLAPolicyAdmin", "WeeklyRecipientAdmin", "WeeklyReportAdmin"]
