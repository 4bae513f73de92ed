"""Privacy: find a contact, see, export or erase their stored data; and set how long data is kept."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Model, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop, ngettext
from unfold.widgets import UnfoldAdminTextInputWidget

from ..accounts import access
from ..database import clock
from ..display.formats import number
from ..models import Contact, Conversation, PrivacyAction, PruneRun, RetentionRule
from ..privacy import erasure, merged_contacts, retention
from ..privacy.customer_data import Person
from ..templatetags.support import ago
from .base import RightsAdmin, VersionedAdmin

ACTIONS_SHOWN = 8


class EraseForm(forms.Form):
    reason = forms.CharField(label=gettext_lazy("Reason"),
        max_length=500, widget=UnfoldAdminTextInputWidget(attrs={"placeholder": gettext_lazy("Asked for on 3 March, ticket 12")}),
        help_text=gettext_lazy("Recorded in the log. Do not enter names."),
        error_messages={"required": gettext_lazy("Enter a reason for the log, without names.")},
    )  # fmt: skip
    sure = forms.BooleanField(
        error_messages={"required": gettext_lazy("Tick this box to confirm: this cannot be undone.")}
    )


def _conversations() -> Coalesce:
    """Not by a join, which would group all contacts before a page of them is shown."""
    theirs = Conversation.objects.filter(contact=OuterRef("pk")).order_by().values("contact")
    return Coalesce(Subquery(theirs.annotate(n=Count("pk")).values("n")), 0)


@admin.register(Contact)
class ContactAdmin(RightsAdmin):
    nothing = gettext_lazy("No contacts yet. A contact appears with the first event that names them.")
    see = "privacy"
    verbs = ("export", "erase")
    list_display = ("who", "email", "phone_number", "number", "conversation_count", "erased")
    search_fields = ("name", "email", "phone_number", "=contact_id")
    search_help_text = gettext_lazy("Name, email address, phone number, or the contact's ID in Chatwoot")
    list_display_links = ("who",)
    ordering = ("-pk",)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """A person's data may be in any inbox: only for people who see all of them."""
        return super().has_view_permission(request, obj) and access.sees_every_inbox(access.person(request))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Contact]:
        return (
            super()
            .get_queryset(request)
            .select_related("source")
            .annotate(conversation_count=_conversations())
        )

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict | None = None
    ) -> HttpResponse:
        return self._show(request, self.find(request, object_id))

    def export(self, request: HttpRequest, object_id: int) -> HttpResponse:
        contact = self.find(request, object_id)
        data = erasure.export(_person(contact), by=access.person(request), now=clock.now())
        answer = HttpResponse(data, content_type="application/json; charset=utf-8")
        name = f"contact-{contact.source.slug}-{contact.contact_id}.json"
        answer["Content-Disposition"] = f'attachment; filename="{name}"'
        return answer

    def erase(self, request: HttpRequest, object_id: int) -> HttpResponse:
        contact, form = self.find(request, object_id), EraseForm(request.POST)
        if form.is_valid():
            try:
                erasure.erase(
                    _person(contact), by=access.person(request), reason=form.cleaned_data["reason"], now=clock.now()
                )  # fmt: skip
            except erasure.CannotErase as error:
                form.add_error(None, str(error))
        if form.errors:
            return self._show(request, contact, form=form, status=409)
        said = _("Erased here. Chatwoot still has its own copy: delete the contact there too.")
        return self.back_to(request, "change", contact.pk, said=said)

    def _show(
        self, request: HttpRequest, contact: Contact, *, form: EraseForm | None = None, status: int = 200
    ) -> HttpResponse:
        person = _person(contact)
        held = [(erasure.name(label), count) for label, count in erasure.held(person).items()]
        actions = [
            action
            for action in PrivacyAction.objects.filter(source=contact.source)
            .select_related("by")
            .order_by("-pk")
            if set(action.contact_ids) & set(person.numbers)
        ]
        return self.page(
            request, "webhooks/person.html", title=str(contact), original=contact, status=status, contact=contact, held=held,
            others=person.contacts[1:], form=form or EraseForm(), actions=actions[:ACTIONS_SHOWN],
            urls={verb: self.url(verb, contact.pk) for verb in self.verbs},
        )  # fmt: skip

    @admin.display(description=gettext_lazy("Contact"))
    def who(self, contact: Contact) -> str:
        return str(contact)

    @admin.display(description=gettext_lazy("ID in Chatwoot"), ordering="contact_id")
    def number(self, contact: Contact) -> str:
        return f"{contact.contact_id} ({contact.source})"

    @admin.display(description=gettext_lazy("Conversations"), ordering="conversation_count")
    def conversation_count(self, contact: Any) -> int:
        return int(contact.conversation_count)

    @admin.display(description=gettext_lazy("Erased"), ordering="erased_at")
    def erased(self, contact: Contact) -> SafeString:
        return ago(contact.erased_at)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False  # the mirror creates them


def _person(contact: Contact) -> Person:
    person = merged_contacts.person(contact.source, contact.contact_id)
    if person is None:
        raise PermissionDenied("The contact no longer exists.")
    return person


class DaysForm(forms.ModelForm):
    def clean_days(self) -> int | None:
        days, rule = self.cleaned_data["days"], retention.rules().get(self.instance.name)
        if rule and days is not None and days < rule.least:
            raise forms.ValidationError(
                _("At least %(least)s: newer data is still in use.") % {"least": rule.least}
            )
        if days is not None and days > 36_500:
            raise forms.ValidationError(
                _("At most 36,500 (a hundred years). Leave it empty to keep data for ever.")
            )
        return days


@admin.register(RetentionRule)
class RetentionRuleAdmin(VersionedAdmin):
    nothing = gettext_lazy("No rules yet, so the defaults apply: run manage.py seed to change them here.")
    see = edit = "privacy"
    form = DaysForm
    list_display = ("what", "kept", "note", "last_run")
    list_display_links = ("what",)
    fields = ("what", "note", "days")
    readonly_fields = ("what", "note")
    history_list_display = [gettext_noop("days")]
    list_before_template = "webhooks/retention_note.html"  # type: ignore[assignment]

    def get_queryset(self, request: HttpRequest) -> QuerySet[RetentionRule]:
        last = PruneRun.objects.order_by("-pk").values("counts")[:1]
        return (
            super().get_queryset(request).filter(name__in=retention.rules()).annotate(removed=Subquery(last))
        )

    def changelist_view(self, request: HttpRequest, extra_context: dict | None = None) -> Any:
        last = {"last": PruneRun.objects.order_by("-pk").first()}
        return super().changelist_view(request, last | (extra_context or {}))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict | None = None
    ) -> HttpResponse:
        rule = self.find(request, object_id)
        title = {"title": self.what(rule), "original": self.what(rule)}
        return super().change_view(request, object_id, form_url, title | (extra_context or {}))

    @admin.display(description=gettext_lazy("What"))
    def what(self, row: RetentionRule) -> str:
        return str(retention.rules()[row.name].label)

    @admin.display(description=gettext_lazy("Meaning"))
    def note(self, row: RetentionRule) -> str:
        return str(retention.rules()[row.name].note)

    @admin.display(description=gettext_lazy("Kept"), ordering="days")
    def kept(self, row: RetentionRule) -> str:
        if row.days is None:
            return _("for ever")
        text = ngettext("%(number)s day", "%(number)s days", row.days)
        return (text % {"number": number(row.days)}).replace(" ", "\xa0")

    @admin.display(description=gettext_lazy("Removed in last run"))
    def last_run(self, row: Any) -> str | None:
        return None if row.removed is None else number(row.removed.get(row.name, 0))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False  # the rules are in code

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False
