"""What came in and what goes out, with every try at it. People look and replay; nothing here is edited."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import ChoicesDropdownFilter, DropdownFilter, RelatedDropdownFilter
from unfold.contrib.filters.admin.text_filters import FieldTextFilter
from unfold.widgets import UnfoldAdminTextInputWidget

from .. import access, inbox, parsing, policies, words
from ..masking import masked
from ..models import Conversation, Delivery, Incoming, Outgoing
from ..templatetags.support import ago, badge
from .base import RightsAdmin


class EventFilter(DropdownFilter):
    """The known events: reading them from the rows would walk the whole table."""

    title = "event"
    parameter_name = "event"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        known = {
            "IN": [*settings.IN_HANDLERS, "contact_created", "contact_updated"],
            "OUT": list(settings.OUT_HANDLERS),
        }
        names = known.get(model_admin.direction) or [*known["IN"], *known["OUT"]]
        return [(name, name) for name in names]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset.filter(event=self.value()) if self.value() else queryset


class ReplayForm(forms.Form):
    reason = forms.CharField(
        label="Reason",
        max_length=500,
        widget=UnfoldAdminTextInputWidget(attrs={"placeholder": "Why it is worth another try"}),
    )


@admin.register(Delivery)
class DeliveryAdmin(RightsAdmin):
    see = "deliveries"
    verbs = ("replay",)
    direction = ""
    list_display = ("state", "event", "conversation_number", "tries", "trouble", "received", "next_attempt")
    list_filter = (
        ("status", ChoicesDropdownFilter),
        EventFilter,
        ("source", RelatedDropdownFilter),
        ("conversation_id", FieldTextFilter),
    )
    list_select_related = ("source",)
    show_full_result_count = False
    ordering = ("-id",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Delivery]:
        return super().get_queryset(request).defer("body", "headers")

    @admin.display(description="Status", ordering="status")
    def state(self, row: Delivery) -> SafeString:
        if row.status == "HELD":
            return badge(row.status, f"Held: {row.held_for}")
        return badge(row.status, "Retrying" if row.status == "PENDING" and row.budget_used else "")

    @admin.display(description="Conversation", ordering="conversation_id")
    def conversation_number(self, row: Delivery) -> str:
        return f"#{row.conversation_id}" if row.conversation_id else "–"

    @admin.display(description="Attempts", ordering="attempts")
    def tries(self, row: Delivery) -> int:
        return row.attempts

    @admin.display(description="Last error")
    def trouble(self, row: Delivery) -> str:
        return row.last_error[:90] + ("…" if len(row.last_error) > 90 else "") or "–"

    @admin.display(description="Received", ordering="received_at")
    def received(self, row: Delivery) -> SafeString:
        return ago(row.received_at)

    @admin.display(description="Next attempt", ordering="next_attempt_at")
    def next_attempt(self, row: Delivery) -> SafeString | str:
        return "running" if row.running_since else ago(row.next_attempt_at)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict | None = None
    ) -> HttpResponse:
        return self._page(request, self.find(request, object_id), ReplayForm())

    def replay(self, request: HttpRequest, object_id: int) -> HttpResponse:
        row = self.find(request, object_id)
        form = ReplayForm(request.POST)
        if not form.is_valid():
            return self._page(request, row, form, status=400)
        try:
            again = "also_done" in request.POST
            inbox.replay(
                row,
                by=access.person(request),
                reason=form.cleaned_data["reason"],
                now=timezone.now(),
                also_done=again,
            )
        except inbox.CannotReplay as error:
            form.add_error("reason", str(error))
            return self._page(request, row, form, status=409)
        return self.back_to(
            request, "change", row.pk, said="Replayed: it is tried again at once, with a fresh budget."
        )

    def _page(self, request: HttpRequest, row: Delivery, form: ReplayForm, status: int = 200) -> HttpResponse:
        policy, clear = policies.current(row), _may_read(request, row)
        return self.page(
            request, "webhooks/delivery.html", title=str(row), original=row, status=status, row=row, form=form,
            outlook=words.outlook(row, policy, stamp=policy.stamp, now=timezone.now()), body=_body(row, clear=clear), clear=clear,
            attempts=row.attempt_log.order_by("-number"), audit=row.audit.select_related("by").order_by("-at"),
            duplicates=row.duplicates.only("pk", "event")[:20], is_reply=row.event == "reply.send",
            may_replay=row.event != "reply.send" and row.status != "PENDING", replay_url=self.url("replay", row.pk),
            list_url=self.url("changelist"),
        )  # fmt: skip


def _may_read(request: HttpRequest, row: Delivery) -> bool:
    """A customer's words are for those who answer in that inbox."""
    if request.user.is_superuser:
        return True
    if not access.may(request.user, "drafts") or row.conversation_id is None:
        return False
    about = Conversation.objects.filter(source=row.source_id, display_id=row.conversation_id)
    return about.filter(access.in_inboxes_of(access.person(request), path="inbox")).exists()


def _body(row: Delivery, *, clear: bool) -> Any:
    """The event, masked where this person may not read it; None where it is no JSON and may not be shown."""
    try:
        payload = row.payload()
    except parsing.NotAnEvent:
        return bytes(row.body[:2000]).decode("utf-8", "replace") if clear else None
    return payload if clear else masked(payload)


@admin.register(Incoming)
class IncomingAdmin(DeliveryAdmin):
    direction = "IN"


@admin.register(Outgoing)
class OutgoingAdmin(DeliveryAdmin):
    direction = "OUT"
