"""The kinds of risk rules and the fields that each one reads: one table. Constants only."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

DRAFT, CUSTOMER, BOTH = "draft", "customer", "both"


@dataclass(frozen=True)
class Kind:
    """needs: the fields that a rule of this kind cannot do without. Its check is in risk/checks.py."""

    label: str | Promise
    needs: tuple[str, ...] = ()
    words_are: str | Promise = ""
    number_is: str | Promise = ""


KINDS: dict[str, Kind] = {
    "refund": Kind(_("Money over an amount"), ("number",), _("Only if one of these words appears too"), _("Amount")),
    "words": Kind(_("Words"), ("words",), _("Words and phrases")),
    "confidence": Kind(_("Confidence below a share"), ("number",), number_is=_("Share")),
    "label": Kind(_("Labels of the conversation"), ("words",), _("Labels")),
    "link": Kind(_("Links to unknown hosts"), words_are=_("Known hosts")),
    "template": Kind(_("Template code: {{ or {%")),
    "personal": Kind(_("Personal data that is not the customer's"), words_are=_("Allowed")),
    "recipients": Kind(_("Recipients who are strangers"), words_are=_("Known addresses and domains")),
    "files": Kind(_("Attached files")),
    "support": Kind(_("Facts without a source")),
    "language": Kind(_("Reply in another language")),
    "injection": Kind(_("Prompt injection"), words_are=_("More phrases")),
}  # fmt: skip
