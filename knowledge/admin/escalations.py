"""Escalations: the list, one escalation with the form to close it, the form to raise one, and the rules."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import F, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RelatedDropdownFilter

from webhooks.accounts import access
from webhooks.admin.base import RightsAdmin
from webhooks.database import clock
from webhooks.models import Conversation
from webhooks.templatetags.support import ago, badge

from ..models import Escalation, EscalationRule
from ..replies import escalations
from ..replies.states import Refused
from .draft_form import number


class StateFilter(admin.SimpleListFilter):
    title, parameter_name = "status", "state"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        return [("open", "Open"), ("overdue", "Overdue"), ("closed", "Closed")]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if self.value() == "overdue":
            return queryset.filter(closed_at=None, due_at__lt=clock.now())
        return queryset.filter(closed_at__isnull=self.value() == "open") if self.value() else queryset


@admin.register(Escalation)
class EscalationAdmin(RightsAdmin):
    nothing = (
        "No escalations. Escalate a conversation from its page or its draft; rules can do it for a label or a "
        "missed SLA target."
    )
    see = "drafts"
    verbs = ("close",)
    list_display = ("state", "customer", "kind", "level", "said", "owner", "raised", "due", "ended")
    list_display_links = ("state", "customer")
    list_filter = (
        StateFilter,
        ("kind", ChoicesDropdownFilter),
        ("level", ChoicesDropdownFilter),
        ("owner", RelatedDropdownFilter),
    )
    list_select_related = ("conversation__contact", "conversation__inbox", "owner", "raised_by", "closed_by")
    ordering = (F("closed_at").desc(nulls_first=True), "due_at", "-id")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Escalation]:
        mine = access.in_inboxes_of(access.person(request), path="conversation__inbox")
        return super().get_queryset(request).filter(mine)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.raise_view)
        return [path("raise/<int:conversation_id>/", view, name=self.url_name("raise")), *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict | None = None
    ) -> HttpResponse:
        return self._shown(request, self.find(request, object_id))

    def _shown(
        self, request: HttpRequest, row: Escalation, *, typed: str = "", trouble: str = ""
    ) -> HttpResponse:
        may_close = row.owner_id == access.person(request).pk or access.may(request.user, "decide")
        return self.page(
            request, "knowledge/escalation.html", title="Escalation", original=row, row=row, may_close=may_close,
            close_url=self.url("close", row.pk), typed=typed, trouble=trouble, now=clock.now(),
            status=400 if trouble else 200,
        )  # fmt: skip

    def close(self, request: HttpRequest, object_id: int) -> HttpResponse:
        self.require(request, self.see)
        row, typed = self.find(request, object_id), request.POST.get("resolution", "")
        try:
            escalations.close(row, by=access.person(request), resolution=typed, now=clock.now())
        except Refused as error:
            return self._shown(request, row, typed=typed, trouble=str(error))
        self.log_change(request, row, "Closed.")
        return self.back_to(request, "changelist", said="Closed.")

    def raise_view(self, request: HttpRequest, conversation_id: int) -> HttpResponse:
        self.require(request, "decide")
        user = access.person(request)
        mine = Conversation.objects.filter(access.in_inboxes_of(user, path="inbox"), pk=conversation_id)
        conversation = mine.select_related("inbox", "contact", "source").first()
        if conversation is None:
            raise Http404
        trouble = ""
        if request.method == "POST":
            try:
                row = self._raised(request, conversation, now=clock.now())
                return self.back_to(request, "change", row.pk, said=f"Escalated to {row.owner}.")
            except Refused as error:
                trouble = str(error)
        return self.page(
            request, "knowledge/escalation_raise.html", title="Escalate", conversation=conversation,
            kinds=Escalation.Kind.choices, levels=Escalation.Level.choices, owners=escalations.owners(conversation),
            typed=request.POST, trouble=trouble,
            usual=Escalation.Level.SECOND, status=400 if trouble else 200,
        )  # fmt: skip

    def _raised(self, request: HttpRequest, conversation: Conversation, *, now: datetime) -> Escalation:
        sent, user = request.POST, access.person(request)
        kind, level = sent.get("kind", ""), number(sent.get("level"))
        if kind not in Escalation.Kind.values or level not in Escalation.Level.values:
            raise Refused("unclear", "Choose a reason and a level.")
        owner = escalations.owners(conversation).filter(pk=number(sent.get("owner")) or 0).first()
        return escalations.of_conversation(
            conversation, by=user, kind=kind, reason=sent.get("reason", ""), level=level, owner=owner or user, now=now
        )  # fmt: skip

    @admin.display(description="Status", ordering="closed_at")
    def state(self, row: Escalation) -> SafeString:
        if row.closed_at:
            return badge("DONE", "Closed")
        late = row.due_at and row.due_at < clock.now()
        return badge("DEAD", "Overdue") if late else badge("PENDING", "Open")

    @admin.display(description="Customer")
    def customer(self, row: Escalation) -> str:
        return f"{row.conversation.contact or 'Unknown customer'}, {row.conversation}"

    @admin.display(description="Details")
    def said(self, row: Escalation) -> str:
        return Truncator(row.resolution or row.reason).chars(70)

    @admin.display(description="Raised", ordering="raised_at")
    def raised(self, row: Escalation) -> SafeString:
        return format_html("{} by {}", ago(row.raised_at), row.raised_by or "a rule")

    @admin.display(description="Due", ordering="due_at")
    def due(self, row: Escalation) -> SafeString:
        return ago(row.due_at)

    @admin.display(description="Closed", ordering="closed_at")
    def ended(self, row: Escalation) -> SafeString:
        return ago(row.closed_at, "open")


class EscalationRuleForm(forms.ModelForm):
    class Meta:
        model = EscalationRule
        fields = ("on", "label", "kind", "level", "owner", "enabled")

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        by_label = found.get("on") == EscalationRule.On.LABEL
        if by_label and not found.get("label", "").strip():
            self.add_error("label", "Enter the label as it is named in Chatwoot.")
        if not by_label and found.get("label"):
            self.add_error("label", "A missed SLA target has no label. Leave this empty.")
        return found


@admin.register(EscalationRule)
class EscalationRuleAdmin(RightsAdmin):
    nothing = (
        "No escalation rules yet. Add one to escalate conversations with a label or a missed SLA target."
    )
    see = "drafts"
    edit = "escalation_rules"
    form = EscalationRuleForm
    list_display = ("__str__", "kind", "level", "owner", "enabled")
    ordering = ("on", "label")
