"""What probes say to an approval: one that is lost needs a reason, a pinned one that is lost stops it.

Search is above this folder, so what measures a change is named in wiring.py.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ..models import Change, Probe
from .refusals import Refused

# Codes of refusals that a person answers on the change's page.
CODES = ("being_measured", "reason_required", "pinned_probe_lost")


def measured(change: Change, *, now: datetime) -> Mapping[str, Any] | None:
    """What the change does to search (search/probe_effect.py); None while a task still measures it, or if it is decided."""
    if change.status != Change.Status.OPEN:
        return None
    found: Mapping[str, Any] | None = import_string(settings.MEASURE_CHANGE)(change, now=now)
    return found


def check(change: Change, result: Mapping[str, Any] | None, *, reason: str) -> None:
    """Raises Refused: being_measured, pinned_probe_lost, reason_required."""
    if result is None or (result["digest"], result["base_version"]) != (change.digest, change.base_version):
        raise Refused(
            "being_measured",
            _("What this change does to search is being measured. Try again in a few seconds."),
        )
    lost = Probe.objects.filter(pk__in=[key for key, _ in result["lost"]])
    pinned, n = lost.filter(pinned=True).count(), lost.count()
    if pinned:
        raise Refused(
            "pinned_probe_lost",
            ngettext(
                "This change loses %(n)s pinned probe. Edit the change, or unpin on the search bench what need not "
                "be found any more.",
                "This change loses %(n)s pinned probes. Edit the change, or unpin on the search bench what need not "
                "be found any more.",
                pinned,
            )
            % {"n": pinned},
        )
    if n and not reason.strip():
        raise Refused(
            "reason_required",
            ngettext(
                "This change loses %(n)s probe. Give a reason to approve it anyway.",
                "This change loses %(n)s probes. Give a reason to approve it anyway.",
                n,
            )
            % {"n": n},
        )
