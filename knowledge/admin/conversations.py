"""Conversations: the list, a conversation's page with the form for a reply, and the parts that a draft's page shares."""

from dataclasses import dataclass
from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from webhooks.accounts import access
from webhooks.admin.base import RightsAdmin
from webhooks.admin.declared import InboxFilter
from webhooks.database import clock
from webhooks.mirror import message_parts
from webhooks.models import Conversation, Delivery, Message
from webhooks.templatetags.support import ago, badge

from ..drafting import absence
from ..models import Article, Draft, NoDraft
from ..queue import queue
from ..replies import attachments, decisions
from ..replies.states import Refused
from . import conversation_actions, desk, desk_links, draft_attachments
from .conversation_actions import VERBS

RECENT = 5
MOST = 200  # messages on a page; older ones are a click away in Chatwoot
# The response status for a refused verb. Any other code is a lost race: 409.
STATUS_OF = {
    "text_required": 400,
    "owner": 400,
    "resolution_required": 400,
    "grades_required": 400,
    "reason_required": 400,
    "empty": 400,
    "attachments": 400,
    "forbidden": 403,
}


def title_of(conversation: Conversation) -> str:
    name, inbox = conversation.contact or _("Unknown customer"), conversation.inbox or _("no inbox")
    return f"{name}, {inbox} {conversation}"


@dataclass
class Thread:
    folded: list[Message]
    recent: list[Message]
    to_answer: list[Message]
    more: bool


def thread(conversation: Conversation, answered: Message | None) -> Thread:
    """The messages to answer with all later ones, a few messages before them, and the rest, folded."""
    newest = conversation.messages.order_by("-created_at", "-message_id")[: MOST + 1]
    rows = list(reversed(newest[:MOST]))
    _find_answered(conversation, rows)
    start = next((place for place, row in enumerate(rows) if answered and row.pk == answered.pk), len(rows))
    while start and start < len(rows) and rows[start - 1].is_customer_message:
        start -= 1
    room = max(RECENT - (len(rows) - start), 2)
    before = rows[:start]
    return Thread(before[:-room], before[-room:], rows[start:], len(newest) > MOST)


def _find_answered(conversation: Conversation, rows: list[Message]) -> None:
    """Channels report which message a customer replies to: "no, thanks" may not be about the last one."""
    numbers = {number for row in rows if (number := message_parts.in_reply_to(row))}
    known = {row.message_id: row for row in rows}
    if missing := numbers - set(known):
        known |= {row.message_id: row for row in conversation.messages.filter(message_id__in=missing)}
    for row in rows:
        row.answers = known.get(message_parts.in_reply_to(row) or 0)


def effects_of(delivery: Delivery, *, user: User) -> list[tuple[str, str]]:
    """What a delivery led to here: its conversation and the drafts for its message, if this person has access to them."""
    mine = access.in_inboxes_of(user, path="inbox")
    about = Conversation.objects.filter(
        mine, source=delivery.source_id, display_id=delivery.conversation_id or 0
    )
    conversation = about.select_related("contact", "inbox").first()
    if conversation is None or not access.may(user, "drafts"):
        return []
    drafts = conversation.drafts.filter(in_reply_to__message_id=delivery.message_id or 0).order_by("pk")
    return [
        (title_of(conversation), desk_links.page_of(conversation)),
        *[
            (_draft_title(row), desk_links.page_of(row))
            for row in drafts
        ],
    ]  # fmt: skip


def _draft_title(draft: Draft) -> str:
    return _("Draft %(id)s by %(author)s, %(status)s") % {
        "id": draft.pk, "author": draft.author, "status": draft.get_status_display().lower(),
    }  # fmt: skip


def comments_of(conversation: Conversation, suffix: str) -> dict[str, Any]:
    """For comments.html, also beside a draft. suffix: what leads back to the pane."""
    url = reverse("admin:webhooks_conversation_comment", args=[conversation.pk])
    return {
        "comments": conversation.comments.select_related("by").order_by("pk"),
        "comment_url": url + suffix,
    }


def show(
    model_admin: Any,
    request: HttpRequest,
    conversation: Conversation,
    *,
    text: str = "",
    trouble: str = "",
    status: int = 200,
) -> HttpResponse:
    drafts = conversation.drafts.select_related("decided_by").order_by("-pk")
    open_draft = next((row for row in drafts if row.status in queue.SHOWN), None)
    waits = conversation.waiting_message_id is not None
    deliveries = reverse("admin:webhooks_delivery_changelist") + f"?conversation_id={conversation.display_id}"
    used = Article.objects.live().filter(slug=request.GET.get("from", "")).first()
    suffix, here = desk_links.suffix(request), desk_links.to(request, conversation)
    return desk.answer(
        model_admin, request, "knowledge/conversation.html", title=title_of(conversation), shown=conversation,
        conversation=conversation, drafts=drafts, open_draft=open_draft,
        thread=thread(conversation, conversation.waiting_message),
        text=text or (used.body if used else ""), trouble=trouble, status=status,
        file_limits=draft_attachments.limits(conversation),
        propose_url=model_admin.url("propose", conversation.pk) + suffix,
        open_url=desk_links.to(request, open_draft) if open_draft else "",
        from_url=f"{here}{'&' if suffix else '?'}from=",
        deliveries_url=deliveries if access.may(request.user, "deliveries") else "",
        may_fit=NoDraft.objects.filter(message=conversation.waiting_message_id or 0).values_list("articles", flat=True).first(),
        absence=absence.of(conversation, now=clock.now()) if waits and not open_draft else None,
        dismissed=conversation.dismissals.filter(message=conversation.waiting_message, put_back_at=None).first(),
        escalations=conversation.escalations.filter(closed_at=None).select_related("owner"),
        urls={verb.replace("-", "_"): model_admin.url(verb, conversation.pk) + suffix for verb in VERBS},
        **comments_of(conversation, suffix),
        may_decide=access.may(request.user, "decide"), changes=conversation.status_changes.order_by("-at")[:10],
    )  # fmt: skip


def propose(model_admin: Any, request: HttpRequest, conversation: Conversation) -> HttpResponse:
    """A person writes the reply. It becomes a draft like any other, decided on its own page."""
    text = request.POST.get("text", "").replace("\r\n", "\n")
    if conversation.waiting_message is None:
        trouble = _("This customer is no longer waiting for a reply.")
        return show(model_admin, request, conversation, text=text, trouble=trouble, status=409)
    try:
        draft, _is_new = decisions.propose(
            conversation.waiting_message, text=text, author=request.user.get_username(), kind=Draft.AuthorKind.PERSON,
            now=clock.now(), by=access.person(request),
        )  # fmt: skip
    except Refused as error:
        code = STATUS_OF.get(error.code, 409)
        return show(model_admin, request, conversation, text=text, trouble=error.detail, status=code)
    _attach(request, draft)
    return HttpResponseRedirect(desk_links.to(request, draft))


def _attach(request: HttpRequest, draft: Draft) -> None:
    """What cannot be attached is said on the draft's page: the text is kept there, and a browser forgets chosen files."""
    if files := request.FILES.getlist("files"):
        user, now = access.person(request), clock.now()
        try:
            attachments.attach(draft, files=files, by=user, revision=draft.revision, now=now)
        except Refused as error:
            messages.error(request, _("Your text is saved, without files. %(why)s") % {"why": error.detail})


@admin.register(Conversation)
class ConversationAdmin(RightsAdmin):
    nothing = gettext_lazy(
        "No conversations yet. They arrive with Chatwoot's webhooks or through reconciliation."
    )
    see = "drafts"
    list_display = ("number", "person", "where", "state", "waiting", "owner", "active")
    list_display_links = ("number", "person")
    list_filter = (("inbox", InboxFilter), "status")
    list_select_related = ("contact", "inbox", "source")
    search_fields = ("display_id", "contact__name", "contact__email")
    ordering = ("-last_activity_at", "-id")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Conversation]:
        mine = Conversation.objects.filter(access.in_inboxes_of(access.person(request), path="inbox"))
        return mine.select_related("contact", "inbox", "source", "waiting_message").defer("registers")

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(draft_attachments.brings_files(require_POST(self.propose_view)))
        own = [path("<int:object_id>/propose/", view, name=self.url_name("propose"))]
        return own + conversation_actions.urls(self) + super().get_urls()

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict | None = None
    ) -> HttpResponse:
        return show(self, request, self.find(request, object_id))

    def propose_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        return propose(self, request, self.find(request, object_id))

    @admin.display(description=gettext_lazy("Number"), ordering="display_id")
    def number(self, conversation: Conversation) -> str:
        return str(conversation)

    @admin.display(description=gettext_lazy("Contact"), ordering="contact")
    def person(self, conversation: Conversation) -> Any:
        return conversation.contact

    @admin.display(description=gettext_lazy("Inbox"), ordering="inbox")
    def where(self, conversation: Conversation) -> Any:
        return conversation.inbox

    @admin.display(description=gettext_lazy("Assignee"), ordering="assignee")
    def owner(self, conversation: Conversation) -> str | None:
        return conversation.assignee or None

    @admin.display(description=gettext_lazy("Status"), ordering="status")
    def state(self, conversation: Conversation) -> SafeString:
        return badge(conversation.status)

    @admin.display(description=gettext_lazy("Waiting since"), ordering="waiting_since")
    def waiting(self, conversation: Conversation) -> SafeString:
        return ago(conversation.waiting_since)

    @admin.display(description=gettext_lazy("Last activity"), ordering="last_activity_at")
    def active(self, conversation: Conversation) -> SafeString:
        return ago(conversation.last_activity_at)
