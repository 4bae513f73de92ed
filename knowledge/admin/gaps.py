"""Gaps: what customers ask and no article answers, by customers in 28 days; and what a person does about each."""

from collections.abc import Callable, Iterable, Mapping
from statistics import median
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from webhooks.accounts import access
from webhooks.admin.base import RightsAdmin
from webhooks.database import clock
from webhooks.display import formats

from ..articles import changes, fields
from ..learning import gap_writing
from ..learning.gap_turns import Reply
from ..models import Article, Change, Gap, GapTurn

MOST, MOST_CONVERSATIONS, MOST_ANSWERS = 40, 12, 3


@admin.register(Gap)
class GapAdmin(RightsAdmin):
    see = "articles"
    verbs = ("write", "add_questions", "dismiss")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Gap]:
        return Gap.objects.visible_to(access.person(request)).select_related(
            "change", "near__current", "dismissed_by"
        )

    def changelist_view(  # type: ignore[override]
        self, request: HttpRequest, extra_context: dict | None = None
    ) -> HttpResponse:
        return self._list(request)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict | None = None
    ) -> HttpResponse:
        self.find(request, object_id)
        return HttpResponseRedirect(self.url("changelist") + f"#gap-{int(object_id)}")

    def _list(self, request: HttpRequest, *, trouble: str = "") -> HttpResponse:
        self.require(request, self.see)
        user = access.person(request)
        found = self.get_queryset(request).open().by_customers()  # type: ignore[attr-defined]
        return self.page(
            request, "knowledge/gaps.html", title=_("Gaps"), gaps=cards(found[:MOST], user), count=found.count(),
            dismissed=_dismissed(self.get_queryset(request), user),
            may=access.may(user, "edit_articles"), trouble=trouble, most=MOST, status=409 if trouble else 200,
        )  # fmt: skip

    def write(self, request: HttpRequest, object_id: int) -> HttpResponse:
        return self._propose(request, object_id, gap_writing.write)

    def add_questions(self, request: HttpRequest, object_id: int) -> HttpResponse:
        return self._propose(request, object_id, gap_writing.add_questions)

    def _propose(self, request: HttpRequest, object_id: int, verb: Callable[..., Change]) -> HttpResponse:
        gap = self.find(request, object_id)
        try:
            change = verb(gap, by=access.person(request), now=clock.now())
        except (changes.Refused, fields.Invalid) as error:
            return self._list(request, trouble=str(error))
        return HttpResponseRedirect(reverse("admin:knowledge_change_change", args=[change.pk]))

    def dismiss(self, request: HttpRequest, object_id: int) -> HttpResponse:
        gap = self.find(request, object_id)
        try:
            gap_writing.dismiss(
                gap, by=access.person(request), reason=request.POST.get("reason", ""), now=clock.now()
            )
        except changes.Refused as error:
            return self._list(request, trouble=error.detail)
        return self.back_to(
            request, "changelist", said=_("Dismissed. It comes back with twice as many customers.")
        )


def _dismissed(gaps: QuerySet[Gap], user: Any) -> list[tuple[Gap, str]]:
    found = list(gaps.filter(status=Gap.Status.DISMISSED).order_by("-dismissed_at")[:MOST])
    titles = gap_writing.titles(found, user)
    return [(gap, titles[gap.pk]) for gap in found]


def cards(gaps: Iterable[Gap], user: Any) -> list[dict[str, Any]]:
    """Gaps as this person may see them. However many there are, they take the same few queries."""
    listed = list(gaps)
    turns, nearest = gap_writing.turns_of(listed, user), gap_writing.nearest_of(listed, user)
    writing = gap_writing.writing(listed, user)
    replies = gap_writing.answers(row for rows in turns.values() for row in rows)
    return [
        _card(gap, turns[gap.pk], replies, nearest.get(gap.near_id or 0)) | {"writing": writing.get(gap.pk)}
        for gap in listed
    ]


def _card(
    gap: Gap, rows: list[GapTurn], replies: Mapping[int, Reply], nearest: Article | None
) -> dict[str, Any]:
    told = [replies[row.message_id] for row in rows if row.message_id in replies]
    by_text: dict[str, dict[str, None]] = {}
    for reply in told:
        by_text.setdefault(reply.text, {})[reply.by] = None
    answers = [(", ".join(filter(None, people)), text) for text, people in by_text.items() if text]
    waited = [row.answered_s for row in rows if row.answered_s is not None]
    conversations = list({row.message.conversation_id: row.message.conversation for row in rows}.values())
    return {
        "gap": gap, "title": gap_writing.title(gap, rows), "question": next((row.question for row in rows if row.question), ""),
        "customers": len({row.message.conversation.contact_id for row in rows}), "answers": answers[:MOST_ANSWERS],
        "people": sorted({row.answered_by for row in rows if row.answered_by}), "answered": len(waited), "asked": len(rows),
        "median": formats.span(round(median(waited))) if waited else "", "missed": sum(row.missed for row in rows),
        "conversations": conversations[:MOST_CONVERSATIONS], "more": max(len(conversations) - MOST_CONVERSATIONS, 0),
        "answers_it": nearest,
    }  # fmt: skip
