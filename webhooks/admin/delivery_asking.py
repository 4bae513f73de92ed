"""The search above a list of deliveries: what was typed, what this person may look for, and what to say about it."""

from django.contrib import messages
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from ..accounts import access
from ..deliveries import search
from ..display import formats
from ..models import Conversation, Delivery
from .delivery_filters import WITHIN, asked_range

LEAST = 3  # characters of words: fewer stand in every body
TIMES = ("received_at_from", "received_at_to", "received_at__gte", "p")


def found(request: HttpRequest, term: str) -> list[int]:
    """Ids of deliveries. One search a request, however often the theme asks."""
    known = getattr(request, "found_deliveries", None)
    if known is None:
        known = _by_id(term) or _by_words(request, term)
        setattr(request, "found_deliveries", known)  # noqa: B010  (the request knows no such field)
    return known


def _by_id(term: str) -> list[int]:
    number = term.lstrip("#")
    if number.isdecimal() and number.isascii():
        return search.by_number(int(number)) or search.by_key(term)
    return search.by_key(term)


def _by_words(request: HttpRequest, term: str) -> list[int]:
    """Within a time range, for those who may read them. What stands in the way is said."""
    user, within = access.person(request), asked_range(request, now=timezone.now())
    if not (user.is_superuser or access.may(user, "drafts")):
        return _say(request, "No id fits. Customers’ words are hidden from you, so they are not looked for.")
    if within is None or within.too_wide:
        return _say(request, _ask_when(request))
    if len(term) < LEAST:
        return _say(request, f"No id fits. To look for words, write at least {LEAST} characters.")
    rows = Delivery.objects.all()
    if not user.is_superuser:
        mine = Conversation.objects.filter(access.in_inboxes_of(user, path="inbox"))
        rows = search.readable(rows, conversations=mine)
    answer = search.by_text(rows, term, within)
    if answer.cut:
        _say(request, f"More than {search.MOST_BY_TEXT} hold these words: the newest are shown.")
    if answer.reached:
        back = formats.moment(answer.reached, now=timezone.localtime())
        _say(request, f"Looked back to {back}, then the time was over: choose a narrower range to go on.")
    return answer.ids


def _say(request: HttpRequest, text: str) -> list[int]:
    messages.info(request, text)
    return []


def _ask_when(request: HttpRequest) -> SafeString:
    kept = request.GET.copy()
    for name in TIMES:
        kept.pop(name, None)
    ways = []
    for key in ("1d", "7d", "31d"):
        kept["within"] = key
        ways.append((kept.urlencode(), WITHIN[key][0]))
    links = format_html_join(", ", '<a class="underline" href="?{}">{}</a>', ways)
    return format_html(
        "No id fits. To look for words, choose when: {}, or 31 days at most under Filters.", links
    )
