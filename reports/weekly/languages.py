"""A report in the language of its reader. It is saved in English: figures, and the sentences that were made from them."""

from typing import Any

from django.conf import settings
from django.utils import translation

from . import action_items, summary

SAVED_IN = "en-gb"


def translated(report: dict[str, Any]) -> dict[str, Any]:
    """In the active language, its sentences made again from the saved figures. In English they stay as they were saved."""
    if (translation.get_language() or SAVED_IN).startswith("en"):
        return report
    items, running = [_item(one) for one in report["needs_you"]], report.get("running", False)
    return report | {
        "headline": summary.headline(report["week"], report, len(items), running=running),
        "text": summary.text(report, running=running), "needs_you": items,
    }  # fmt: skip


def _item(one: dict[str, Any]) -> dict[str, Any]:
    known = one.get("item") in action_items.BY_NAME
    return one | {"what": action_items.text(one["item"], one["n"])} if known else one


def of_the_site() -> translation.override:
    """For what goes to an address that belongs to nobody in particular."""
    return translation.override(settings.LANGUAGE_CODE)
