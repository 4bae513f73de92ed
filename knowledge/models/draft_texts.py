"""What the site writes of a draft, into its history and as the reason of its state, each sentence once. Pure.

Kept in English; `shown` says it in the page's language. A history also holds what people wrote, which stands as it is.
"""

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from webhooks.display.kept_texts import KeptTexts, number

INSERTED = _("Article %(slug)s, version %(n)s")
INSERTED_BY = _("inserted by %(name)s")
OTHER_THAN_SEEN = _("The note, the recipients, or what follows is not what the first person approved.")
TAKEN_FROM = _("From %(name)s")
TAKEN_WITH_REASON = _("From %(name)s: %(reason)s")
READDRESSED = _("To %(names)s: the customer was corrected in Chatwoot.")
REPLACED_BY = _("Replaced by draft %(n)s.")
OTHER_APPROVED = _("Draft %(n)s was approved.")
NOT_DECIDED = _("No decision within %(n)s business hours.")
KEPT = KeptTexts(
    INSERTED, INSERTED_BY, OTHER_THAN_SEEN, TAKEN_FROM, TAKEN_WITH_REASON, READDRESSED, REPLACED_BY, OTHER_APPROVED, NOT_DECIDED,
    facts={"n": number},
)  # fmt: skip


def shown(text: str) -> str:
    return KEPT.shown(text)


def why(text: str) -> str:
    """A reason that the site wrote, with facts in it or without."""
    said = KEPT.shown(text)
    return gettext(text) if text and said == text else said
