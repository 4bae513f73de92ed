"""Escalations: the list, the form to raise one, and the rules. One escalation's page: escalation_page.py."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import F, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from webhooks.accounts import access
from webhooks.admin.base import RightsAdmin
from webhooks.admin.declared import PersonFilter
from webhooks.database import clock
from webhooks.models import Conversation
from webhooks.templatetags.support import ago, badge

from ..models import Escalation, EscalationRule
from ..replies import escalations
from ..replies.states import Refused
from . import escalation_form, escalation_page


class StateFilter(admin.SimpleListFilter):
    title, parameter_name = gettext_lazy("status"), "state"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        return [("open", _("Open")), ("overdue", _("Overdue")), ("closed", _("Closed"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if self.value() == "overdue":
            return queryset.filter(closed_at=None, due_at__lt=clock.now())
        return queryset.filter(closed_at__isnull=self.value() == "open") if self.value() else queryset


@admin.register(Escalation)
class EscalationAdmin(RightsAdmin):
    nothing = gettext_lazy(
        "No escalations. Escalate a conversation from its page or its draft; rules can do it for a label or a "
        "missed SLA target."
    )
    see = "drafts"
    list_display = ("state", "customer", "kind", "level", "said", "owner", "raised", "due", "ended")
    list_display_links = ("state", "customer")
    list_filter = (
        StateFilter,
        ("kind", ChoicesDropdownFilter),
        ("level", ChoicesDropdownFilter),
        ("owner", PersonFilter),
    )
    list_select_related = ("conversation__contact", "conversation__inbox", "owner", "raised_by", "closed_by")
    ordering = (F("closed_at").desc(nulls_first=True), "due_at", "-id")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Escalation]:
        mine = access.in_inboxes_of(access.person(request), path="conversation__inbox")
        return super().get_queryset(request).filter(mine)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.raise_view)
        raising = path("raise/<int:conversation_id>/", view, name=self.url_name("raise"))
        return [raising, *escalation_page.urls(self), *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict | None = None
    ) -> HttpResponse:
        return escalation_page.show(self, request, self.find(request, object_id))

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
                row = escalations.of_conversation(
                    conversation, by=user, now=clock.now(), **escalation_form.read(request.POST, conversation)
                )
                return self.back_to(
                    request,
                    "change",
                    row.pk,
                    said=_("Escalated to %(owner)s, who is notified.") % {"owner": row.owner},
                )
            except Refused as error:
                trouble = str(error)
        return self.page(
            request, "knowledge/escalation_raise.html", title=_("Escalate"), conversation=conversation, trouble=trouble,
            escalation=escalation_form.fields(conversation, user, typed=request.POST), status=400 if trouble else 200,
        )  # fmt: skip

    @admin.display(description=gettext_lazy("Status"), ordering="closed_at")
    def state(self, row: Escalation) -> SafeString:
        if row.closed_at:
            return badge("DONE", _("Closed"))
        late = row.due_at and row.due_at < clock.now()
        return badge("DEAD", _("Overdue")) if late else badge("PENDING", _("Open"))

    @admin.display(description=gettext_lazy("Customer"))
    def customer(self, row: Escalation) -> str:
        name = row.conversation.contact or _("Unknown customer")
        return f"{name}, {row.conversation}"

    @admin.display(description=gettext_lazy("Details"))
    def said(self, row: Escalation) -> str:
        return Truncator(row.resolution or row.reason_shown).chars(70)

    @admin.display(description=gettext_lazy("Raised"), ordering="raised_at")
    def raised(self, row: Escalation) -> SafeString:
        return format_html(_("{when} by {who}"), when=ago(row.raised_at), who=row.raised_by or _("a rule"))

    @admin.display(description=gettext_lazy("Due"), ordering="due_at")
    def due(self, row: Escalation) -> SafeString:
        return ago(row.due_at)

    @admin.display(description=gettext_lazy("Closed"), ordering="closed_at")
    def ended(self, row: Escalation) -> SafeString:
        return ago(row.closed_at, _("open"))


class EscalationRuleForm(forms.ModelForm):
    class Meta:
        model = EscalationRule
        fields = ("on", "label", "kind", "level", "owner", "enabled")

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        by_label = found.get("on") == EscalationRule.On.LABEL
        if by_label and not found.get("label", "").strip():
            self.add_error("label", _("Enter the label as it is named in Chatwoot."))
        if not by_label and found.get("label"):
            self.add_error("label", _("A missed SLA target has no label. Leave this empty."))
        return found


@admin.register(EscalationRule)
class EscalationRuleAdmin(RightsAdmin):
    nothing = gettext_lazy(
        "No escalation rules yet. Add one to escalate conversations with a label or a missed SLA target."
    )
    see = "drafts"
    edit = "escalation_rules"
    form = EscalationRuleForm
    list_display = ("__str__", "kind", "level", "owner", "enabled")
    ordering = ("on", "label")
