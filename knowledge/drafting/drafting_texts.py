"""Why there is no draft, or not the model's, each sentence once. Kept in English; `shown` says it in the page's language."""

from django.utils.translation import gettext_noop as _

from webhooks.display.kept_texts import KeptTexts, number

# What the result of a request begins with.
PREFIX = "No draft: "

# No draft at all
NOT_WANTED = _("this message no longer needs a reply, or drafting is switched off for its inbox.")
SAME_TEXT = _("it would be the same text as before.")
ONLY_THANKS = _("the customer only says thanks, so no reply is needed.")
MAY_FIT = _("no approved article is sure to fit the customer's message. Some may.")
OTHERS_MAY_FIT = _("no other approved article is sure to fit the customer's message. Some may.")
NONE_FITS = _("no approved article fits the customer's message.")
NO_OTHER_FITS = _("no other approved article fits the customer's message.")
NOTHING_SAID = _("the customer sent no text.")

# A draft, but not the model's
UNREAD_TWICE = _("the model's answer could not be read, nor the second one: %(second)s")
UNREAD_AND_FAILED = _(
    "the model's answer could not be read (%(first)s), and the second request failed: %(second)s"
)
NO_SOURCE = _("the model cites no article that it was given.")
CALLS_USED_UP = _("the day's budget of %(n)s model calls is used up")
TOKENS_USED_UP = _("the day's budget of %(n)s tokens is used up")
TIME_USED_UP = _("The time for this draft is used up.")
SLOW = _("The model did not answer within %(n)s s.")
UNREACHABLE = _("The model could not be reached: %(error)s.")
ANSWERED = _("The model's endpoint answered %(n)s.")
REFUSED = _("The model's endpoint answered %(n)s: check DRAFTER_URL, DRAFTER_API_KEY and DRAFTER_MODEL.")
TOO_LONG = _("The request is too long for the model.")
FORM_REFUSED = _("This form of the request was refused.")

# What was wrong with an answer
WEB_PAGE = _("The endpoint answered with a web page.")
NO_JSON = _("The endpoint answered with no JSON.")
EMPTY = _("The endpoint's answer is empty.")
NO_CHOICES = _("The endpoint's answer has no choices.")
EMPTY_STREAM = _("The endpoint's stream has no text.")
CUT_OFF = _("It ends before the JSON object does.")
NO_REPLY = _("It holds no JSON object with a reply.")
SAYS_NOTHING = _("It is empty.")
NO_TEXT = _("“reply” is not a text.")
LONG_REPLY = _("The reply has %(n)s characters, over %(most)s.")

# Notes among a draft's evidence, and why
BUILT_IN = _("Built-in drafter")
WITHOUT_MODEL = _("Written without the model")
REGENERATED_FOR = _("Regenerated for %(name)s")
CHOSEN = _("chosen by a person")
WITH_CHOSEN = _("with the article they chose")
WITH_ANOTHER = _("the same question, with another article")
WITH_ARTICLE = _("with the article %(slug)s")

ANSWERS = KeptTexts(
    WEB_PAGE, NO_JSON, EMPTY, NO_CHOICES, EMPTY_STREAM, CUT_OFF, NO_REPLY, SAYS_NOTHING, NO_TEXT, LONG_REPLY, TIME_USED_UP, SLOW,
    UNREACHABLE, ANSWERED, REFUSED, TOO_LONG, FORM_REFUSED, facts={"n": number, "most": number},
)  # fmt: skip
KEPT = KeptTexts(
    *ANSWERS.templates, NOT_WANTED, SAME_TEXT, ONLY_THANKS, MAY_FIT, OTHERS_MAY_FIT, NONE_FITS, NO_OTHER_FITS, NOTHING_SAID,
    UNREAD_TWICE, UNREAD_AND_FAILED, NO_SOURCE, BUILT_IN, CALLS_USED_UP, TOKENS_USED_UP, WITHOUT_MODEL, REGENERATED_FOR, CHOSEN,
    WITH_CHOSEN, WITH_ANOTHER, WITH_ARTICLE,
    facts={"n": number, "most": number, "first": ANSWERS.shown, "second": ANSWERS.shown},
)  # fmt: skip


def shown(text: str) -> str:
    """Also of a result, without what it begins with. One that no sentence here made stands as it is."""
    return KEPT.shown(text.removeprefix(PREFIX))
