"""What can be searched, with which right, and how: one table. Each kind asks with the rights of the person who searches."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import User
from django.db.models import Exists, OuterRef, Q, Subquery
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from knowledge.models import Article, Draft
from knowledge.search import articles as live_articles
from webhooks.accounts import access
from webhooks.deliveries import search as deliveries_search
from webhooks.display import conversation_status, formats
from webhooks.mirror import message_index
from webhooks.mirror.message_index import Query
from webhooks.models import Conversation, Delivery

from ..navigation.pages import DASHBOARD, GROUPS, Page, Text
from .hits import BEGINS, CONTAINS, NAMED, Hit, excerpt, has_all, rank_of

MOST = 6  # of a kind
MESSAGES = 60  # looked at, since several may be of one conversation
RECENT_DRAFTS = 20_000  # whose text is read
Find = Callable[[Query, User, datetime], Iterator[Hit]]


@dataclass(frozen=True)
class Kind:
    """right: None for everybody. by: by what one finds it, for the page before anything is typed."""

    title: Promise
    icon: str
    right: str | None
    by: Promise
    find: Find


@dataclass(frozen=True)
class Group:
    kind: Kind
    hits: list[Hit]


def of(user: User) -> list[Kind]:
    return [kind for kind in KINDS if kind.right is None or access.may(user, kind.right)]


def find(query: Query, user: User, *, now: datetime) -> list[Group]:
    """Groups with something in them: those with the best hit first, else in the order of the table."""
    if not query.words:
        return []
    found = [Group(kind, _best(kind.find(query, user, now))) for kind in of(user)]
    return sorted((group for group in found if group.hits), key=lambda group: group.hits[0].rank)


def _best(hits: Iterator[Hit]) -> list[Hit]:
    return sorted(hits, key=lambda hit: hit.rank)[:MOST]


def _pages(query: Query, user: User, now: datetime) -> Iterator[Hit]:
    seen = set()
    listed: list[tuple[Text, Page]] = [
        ("", DASHBOARD),
        *((group.title, page) for group in GROUPS for page in group.pages),
    ]
    for section, page in listed:
        if page.link in seen or not page.is_for(user):
            continue
        seen.add(page.link)
        title = str(page.title)
        rank = rank_of(title, query)
        if rank != CONTAINS or has_all(f"{section} {title} {page.about} {page.words}", query):
            yield Hit(title, page.link, str(page.about), str(section), rank)


def _customers(query: Query, user: User, now: datetime) -> Iterator[Hit]:
    """With the newest conversation that this person sees; customers without one are not shown."""
    theirs = Conversation.objects.filter(access.in_inboxes_of(user, path="inbox"), contact=OuterRef("pk"))
    newest = theirs.order_by("-last_activity_at", "-pk").values("pk")[:1]
    rows = message_index.contacts(query, seen=Q(Exists(theirs)))[:MOST].annotate(newest=Subquery(newest))
    for row in rows:
        contact = ", ".join(filter(None, (row.email, row.phone_number)))
        yield Hit(str(row), _conversation_url(row.newest), contact, "", rank_of(row.name, query))


def _conversations(query: Query, user: User, now: datetime) -> Iterator[Hit]:
    """By number, and by what was said: each conversation once, with its newest message that fits."""
    seen: set[int] = set()
    if query.number is not None:
        mine = access.in_inboxes_of(user, path="inbox")
        rows = Conversation.objects.filter(mine, display_id=query.number).select_related("contact", "inbox")
        for row in rows[:MOST]:
            seen.add(row.pk)
            note = f"{conversation_status.shown(row.status)}, {_inbox(row)}"
            yield Hit(_name(row), _conversation_url(row.pk), "", note, NAMED)
    inboxes = access.in_inboxes_of(user, path="conversation__inbox")
    for message in message_index.messages(query, seen=inboxes, most=MESSAGES):
        row = message.conversation
        if row.pk in seen or len(seen) > MOST:
            continue
        seen.add(row.pk)
        yield Hit(
            _name(row), _conversation_url(row.pk), excerpt(message.content, query),
            f"{formats.relative(message.created_at, now=now)}, {_inbox(row)}",
        )  # fmt: skip


def _name(row: Conversation) -> str:
    customer = row.contact or _("Unknown customer")
    return f"{row} {customer}"


def _inbox(row: Conversation) -> str:
    return str(row.inbox or _("no inbox"))


def _conversation_url(pk: int) -> str:
    return reverse("admin:webhooks_conversation_change", args=[pk])


def _drafts(query: Query, user: User, now: datetime) -> Iterator[Hit]:
    """By number, and the newest by their text."""
    rows = Draft.objects.filter(access.in_inboxes_of(user, path="conversation__inbox")).order_by("-pk")
    rows = rows.select_related("conversation__contact").defer("conversation__registers")
    newest = Draft.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    text = Q(pk__gt=newest - RECENT_DRAFTS)
    for word in query.words:
        text &= Q(body__icontains=word)
    for row in rows.filter(text | Q(pk=query.number) if query.number is not None else text)[:MOST]:
        contact = row.conversation.contact
        title = (
            _("Draft %(number)s for %(customer)s") % {"number": row.pk, "customer": contact}
            if contact
            else _("Draft %(number)s for an unknown customer") % {"number": row.pk}
        )
        link = reverse("admin:knowledge_draft_change", args=[row.pk])
        rank = NAMED if row.pk == query.number else CONTAINS
        yield Hit(title, link, excerpt(row.body, query), row.get_status_display().lower(), rank)


def _articles(query: Query, user: User, now: datetime) -> Iterator[Hit]:
    """Live ones of the person's inboxes; texts that are not approved are under Changes."""
    visible = set(Article.objects.visible_to(user).values_list("pk", flat=True))
    for row in live_articles.live():
        if row.pk not in visible:
            continue
        rank = rank_of(row.title, query)
        if rank == CONTAINS and has_all(row.title, query):
            rank = BEGINS
        if rank != CONTAINS or has_all(row.words, query):
            link = reverse("admin:knowledge_article_change", args=[row.pk])
            yield Hit(row.title, link, excerpt(row.body, query), row.language, rank)


def _deliveries(query: Query, user: User, now: datetime) -> Iterator[Hit]:
    """By our number, or by the X-Chatwoot-Delivery that Chatwoot sent."""
    pks = deliveries_search.by_key(query.text)[:MOST]
    own = Q(pk=query.number) if query.number is not None else Q(pk__in=[])
    for row in Delivery.objects.filter(own | Q(pk__in=pks)).defer("body").order_by("-pk"):
        link = reverse("admin:webhooks_delivery_change", args=[row.pk])
        note = f"{row.get_status_display().lower()}, {formats.relative(row.received_at, now=now)}"
        title = _("Delivery %(number)s: %(event)s") % {"number": row.pk, "event": row.event}
        yield Hit(title, link, row.delivery_key, note, NAMED)


KINDS = (
    Kind(
        gettext_lazy("Customers"),
        "person",
        "drafts",
        gettext_lazy("by name, email address or phone number"),
        _customers,
    ),
    Kind(
        gettext_lazy("Conversations"),
        "forum",
        "drafts",
        gettext_lazy("by what was said, or the number"),
        _conversations,
    ),
    Kind(
        gettext_lazy("Drafts"), "rate_review", "drafts", gettext_lazy("by their text, or the number"), _drafts
    ),
    Kind(
        gettext_lazy("Articles"),
        "menu_book",
        "articles",
        gettext_lazy("by title, keywords or text"),
        _articles,
    ),
    Kind(
        gettext_lazy("Deliveries"),
        "swap_vert",
        "deliveries",
        gettext_lazy("by number, or Chatwoot’s X-Chatwoot-Delivery ID"),
        _deliveries,
    ),
    Kind(
        gettext_lazy("Pages and settings"),
        "settings",
        None,
        gettext_lazy("by name, or what one does there"),
        _pages,
    ),
)
