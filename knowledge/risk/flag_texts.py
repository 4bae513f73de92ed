"""The sentences of risk flags, each once. Flags are kept in English; `shown` says one in the language of the page. Pure."""

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from webhooks.display.kept_texts import KeptTexts, number

AMOUNT = _("Mentions an amount of %(amount)s, above %(limit)s.")
TOO_MANY_AMOUNTS = _("Contains more amounts of money than can be checked.")
REPLY_SAYS = _("The reply says “%(found)s”.")
CUSTOMER_SAYS = _("The customer says “%(found)s”.")
CONFIDENCE = _("Confidence is %(share)s, below %(least)s.")
LABELLED = _("The conversation is labelled %(names)s.")
HOSTS = _("Links to unknown hosts: %(names)s.")
TOO_MANY_LINKS = _("Contains more links than can be checked.")
TEMPLATE_CODE = _("Contains template code: “%(found)s”. A placeholder may not be filled in.")
PERSONAL = _("Not found in this conversation: %(data)s.")
TOO_MUCH_PERSONAL = _("Contains more addresses and numbers than can be checked.")
INJECTION = _("Possible prompt injection in the customer's text: “%(found)s”.")
TOO_MANY_NAMED = _(
    "The customer's email names %(n)s addresses, more than a reply may have. Check the recipients."
)
STRANGERS = _("Goes to people who have not taken part in this conversation: %(names)s.")
FILE = _("1 file is attached: %(names)s. What is in them is not checked automatically.")
FILES = _("%(n)s files are attached: %(names)s. What is in them is not checked automatically.")
UNSUPPORTED = _("unsupported: %(found)s")
LANGUAGE = _("The reply is in %(reply)s; the customer writes %(customer)s.")
SENTENCES = (
    AMOUNT, TOO_MANY_AMOUNTS, REPLY_SAYS, CUSTOMER_SAYS, CONFIDENCE, LABELLED, HOSTS, TOO_MANY_LINKS, TEMPLATE_CODE, PERSONAL,
    TOO_MUCH_PERSONAL, INJECTION, TOO_MANY_NAMED, STRANGERS, FILE, FILES, UNSUPPORTED, LANGUAGE,
)  # fmt: skip
MORE = _("%(names)s and %(n)s more")
# By text/personal_data.py's name of it.
DATA = {
    "email address": _("email address %(found)s"),
    "telephone number": _("telephone number %(found)s"),
    "card number": _("card number %(found)s"),
    "account number": _("account number %(found)s"),
}
LISTED = KeptTexts(MORE, facts={"n": number})
KINDS_OF_DATA = KeptTexts(*DATA.values())


def _data(text: str) -> str:
    """ "card number 4111…, email address a@b.example and 2 more", whose last words are about the whole."""
    more = LISTED.found(text)
    listed = more.facts["names"] if more else text
    said = ", ".join(map(KINDS_OF_DATA.shown, listed.split(", ")))
    return gettext(MORE) % {"names": said, "n": more.facts["n"]} if more else said


KEPT = KeptTexts(
    *SENTENCES,
    facts={
        "amount": number,
        "limit": number,
        "n": number,
        "names": LISTED.shown,
        "data": _data,
        "reply": gettext,
        "customer": gettext,
    },
)


def shown(reason: str) -> str:
    """A kept reason in the language of the page; one that no sentence here made, as it is."""
    return KEPT.shown(reason)


def shown_together(reasons: str) -> str:
    """Several kept reasons with spaces between them, as a draft's history has them."""
    return KEPT.shown_together(reasons)
