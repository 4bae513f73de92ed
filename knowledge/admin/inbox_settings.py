"""Inbox settings, edited by Managers, and each person's own Chatwoot token."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST
from unfold.widgets import UnfoldAdminPasswordWidget, UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget

from webhooks.accounts import access
from webhooks.admin.base import RightsAdmin
from webhooks.database import clock
from webhooks.mirror import identities, names
from webhooks.models import Source

from ..models import ChatwootToken, DeskInbox
from ..replies import credentials


class DeskInboxForm(forms.ModelForm):
    class Meta:
        model = DeskInbox
        fields = (
            "greeting",
            "signature",
            "grading",
            "draft_from",
            "mirror_notes",
            "escalation_team",
            "escalation_assignee",
        )
        labels = {
            "grading": gettext_lazy("Drafts to grade"),
            "escalation_team": gettext_lazy("Assign escalations to team"),
            "escalation_assignee": gettext_lazy("Or to agent"),
        }
        widgets = {name: UnfoldAdminTextareaWidget(attrs={"rows": 4}) for name in ("greeting", "signature")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, kind in (("escalation_team", identities.TEAM), ("escalation_assignee", identities.USER)):
            self._offer(name, kind)

    def _offer(self, name: str, kind: str) -> None:
        """Names instead of numbers, as far as Chatwoot's events have shown some. Without any, the number is typed."""
        known = names.of(self.instance.inbox.source_id, kind)
        current = getattr(self.instance, name)
        if not known:
            return
        if current and current not in known:
            known[current] = _("Number %(current)s, not seen yet") % {"current": current}
        choices = [("", _("None")), *sorted(known.items(), key=lambda one: one[1].lower())]
        old = self.fields[name]
        self.fields[name] = forms.TypedChoiceField(
            label=old.label, required=False, choices=choices, coerce=int, empty_value=None, widget=UnfoldAdminSelectWidget,
            help_text=_("Listed are those that appeared in an event of this account"),
        )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        if found.get("escalation_team") is not None and found.get("escalation_assignee") is not None:
            self.add_error("escalation_assignee", _("Choose a team or an agent, not both."))
        for name in ("escalation_team", "escalation_assignee"):
            if (found.get(name) or 0) >= 2**31:
                self.add_error(name, _("This number is too high. Copy it from the address bar in Chatwoot."))
        return found


@admin.register(DeskInbox)
class DeskInboxAdmin(RightsAdmin):
    """Every inbox has a page here, whether or not it has a row."""

    see = edit = "inboxes"
    form = DeskInboxForm
    fieldsets = (
        (gettext_lazy("Replies"), {"fields": ("greeting", "signature", "draft_from", "grading")}),
        (gettext_lazy("In Chatwoot"), {"fields": ("mirror_notes", "escalation_team", "escalation_assignee")}),
    )  # fmt: skip

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False  # an inbox comes from Chatwoot

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> DeskInbox | None:
        mine = access.inboxes_of(access.person(request)).select_related("desk")
        found = mine.filter(pk=object_id).first() if object_id.isdecimal() and len(object_id) < 19 else None
        return _settings_of(found) if found else None

    def changelist_view(self, request: HttpRequest, extra_context: dict | None = None) -> Any:
        self.require(request, self.see)
        mine = access.inboxes_of(access.person(request)).select_related("desk", "source", "hours__calendar")
        rows = [_settings_of(inbox) for inbox in mine.order_by("source__slug", "name").distinct()]
        return self.page(request, "knowledge/inbox_settings.html", title=_("Inbox settings"), rows=rows)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        obj.save()  # every inbox has a page, but not every inbox has a row yet


def _settings_of(inbox: Any) -> DeskInbox:
    try:
        return inbox.desk
    except DeskInbox.DoesNotExist:
        return DeskInbox(inbox=inbox)


class TokenForm(forms.Form):
    token = forms.CharField(
        label=gettext_lazy("Access token"),
        max_length=200,
        widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "off"}),
        help_text=gettext_lazy(
            "Copy it in Chatwoot: Profile settings, Access token. It is checked, stored encrypted and not shown again."
        ),
        error_messages={"required": gettext_lazy("Paste the token first.")},
    )


@admin.register(ChatwootToken)
class ChatwootTokenAdmin(RightsAdmin):
    """A person's own token. Not even a superuser sees or changes another person's."""

    see = "drafts"

    def get_queryset(self, request: HttpRequest) -> QuerySet[ChatwootToken]:
        return super().get_queryset(request).filter(user=access.person(request))

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        own = [
            path(f"<slug:slug>/{name}/", view(require_POST(getattr(self, name))), name=self.url_name(name))
            for name in ("store", "remove")
        ]
        return own + super().get_urls()

    def changelist_view(self, request: HttpRequest, extra_context: dict | None = None) -> Any:
        self.require(request, self.see)
        return self._page(request)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict | None = None
    ) -> HttpResponse:
        self.require(request, self.see)
        return self.back_to(request, "changelist")

    def store(self, request: HttpRequest, slug: str) -> HttpResponse:
        self.require(request, self.see)
        source, form = self._source(request, slug), TokenForm(request.POST)
        if form.is_valid():
            try:
                row = credentials.store(
                    access.person(request), source, token=form.cleaned_data["token"], now=clock.now()
                )
            except credentials.CannotStore as error:
                form.add_error("token", str(error))
            else:
                said = _("Token saved. Your replies will be sent as %(sender_name)s.") % {
                    "sender_name": row.sender_name or _("its user")
                }
                return self.back_to(request, "changelist", said=said)
        return self._page(request, wrong=(source, form))

    def remove(self, request: HttpRequest, slug: str) -> HttpResponse:
        self.require(request, self.see)
        source = self._source(request, slug)
        credentials.remove(access.person(request), source)
        sender = source.sender_name or _("the user of the Chatwoot connection")
        return self.back_to(
            request,
            "changelist",
            said=_("Token removed. Your replies will be sent as %(sender)s.") % {"sender": sender},
        )

    def _source(self, request: HttpRequest, slug: str) -> Source:
        found = _sources(request).filter(slug=slug).first()
        if found is None:
            raise Http404
        return found

    def _page(self, request: HttpRequest, *, wrong: tuple[Source, TokenForm] | None = None) -> HttpResponse:
        mine = {row.source_id: row for row in self.get_queryset(request)}
        rows = []
        for source in _sources(request):
            form = wrong[1] if wrong and wrong[0] == source else TokenForm(auto_id=f"id_{source.slug}_%s")
            urls = {name: self.url(name, source.slug) for name in ("store", "remove")}
            rows.append({"source": source, "mine": mine.get(source.pk), "form": form, "urls": urls})
        return self.page(
            request, "knowledge/chatwoot_tokens.html", title=_("My Chatwoot token"), rows=rows, status=400 if wrong else 200
        )  # fmt: skip


def _sources(request: HttpRequest) -> QuerySet[Source]:
    return (
        Source.objects.filter(inboxes__in=access.inboxes_of(access.person(request)))
        .distinct()
        .order_by("slug")
    )
