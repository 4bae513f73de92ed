"""A source's mode: what each mode means, what it holds, a switch with a reason; who was notified and who has read it."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST
from unfold.widgets import UnfoldAdminTextInputWidget

from ..accounts import access
from ..database import clock
from ..deliveries import replay_runs
from ..display import formats
from ..models import ModeChange, Source
from ..sources import mode_notices, modes
from .base import RightsAdmin
from .lost_updates import NotOverwritten, locked

CHANGES_SHOWN = 8
OF_LEADS = "id_notified_%s"  # two guarded forms stand on one page
CHOICES = [(mode, mode) for mode in Source.Mode.values]


class SwitchForm(forms.Form):
    reason = forms.CharField(label=gettext_lazy("Reason"),
        max_length=200, widget=UnfoldAdminTextInputWidget,
        error_messages={"required": gettext_lazy("Enter a reason for the log.")},
    )  # fmt: skip
    to = forms.ChoiceField(choices=CHOICES)
    then = forms.ChoiceField(choices=ModeChange.HeldAction.choices, required=False)


class HandlerForm(NotOverwritten):
    legacy_url = forms.URLField(
        label=gettext_lazy("Previous handler's URL"), required=False, max_length=500, assume_scheme="https",
        widget=UnfoldAdminTextInputWidget(attrs={"placeholder": "https://"}),
        help_text=gettext_lazy("Where Chatwoot sent its webhooks before this site. Needed for legacy mode."),
    )  # fmt: skip

    class Meta:
        model = Source
        fields = ("legacy_url",)


class LeadsForm(NotOverwritten):
    leads = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Who is notified of a switch"), queryset=User.objects.none(), required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("If nobody is chosen: every Lead and Manager who sees one of its inboxes."),
    )  # fmt: skip

    class Meta:
        model = Source
        fields = ("leads",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = User.objects.filter(is_active=True, groups__name__in=(access.LEAD, access.MANAGER))
        self.fields["leads"].queryset = people.distinct().order_by("username")  # type: ignore[attr-defined]


@admin.register(ModeChange)
class ModeChangeAdmin(RightsAdmin):
    see = "switches"

    def get_urls(self) -> list[URLPattern]:
        own = [
            path(
                f"source/<int:source_id>/{name}/",
                self.admin_site.admin_view(require_POST(getattr(self, name))),
                name=self.url_name(name),
            )
            for name in ("switch", "handler", "leads")
        ]
        page = path(
            "source/<int:source_id>/", self.admin_site.admin_view(self.source), name=self.url_name("source")
        )
        seen = path(
            "<int:object_id>/acknowledge/",
            self.admin_site.admin_view(require_POST(self.acknowledge)),
            name=self.url_name("acknowledge"),
        )
        return [page, seen, *own, *super().get_urls()]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def changelist_view(self, request: HttpRequest, extra_context: dict | None = None) -> Any:
        """With one source, its page; with several, the list to choose from."""
        self.require(request, self.see)
        sources = list(Source.objects.order_by("slug"))
        if len(sources) == 1:
            return HttpResponseRedirect(self.url("source", sources[0].pk))
        rows = [(source, self.url("source", source.pk)) for source in sources]
        return self.page(request, "webhooks/modes.html", title=_("Source modes"), rows=rows)

    def source(self, request: HttpRequest, source_id: int) -> HttpResponse:
        return self._source_page(request, self._find_source(request, source_id))

    def switch(self, request: HttpRequest, source_id: int) -> HttpResponse:
        source, form = self._find_source(request, source_id), SwitchForm(request.POST)
        if not form.is_valid():
            return self._source_page(request, source, form=form)
        wanted = form.cleaned_data
        try:
            change = modes.switch(
                source, wanted["to"], by=access.person(request), reason=wanted["reason"], now=clock.now(),
                then=wanted["then"] or ModeChange.HeldAction.PROCESS,
            )  # fmt: skip
        except modes.CannotSwitch as error:
            form.add_error("reason", str(error))
            return self._source_page(request, source, form=form, status=409)
        said = _("%(source)s is %(mode)s.") % {"source": source, "mode": formats.mode(change.mode)}
        said = f"{said} {modes.summary(change)}"
        return self.back_to(request, "source", source.pk, said=said)

    @transaction.atomic
    def handler(self, request: HttpRequest, source_id: int) -> HttpResponse:
        self.require(request, "connections")
        source = locked(self._find_source(request, source_id))
        form = HandlerForm(request.POST, instance=source)
        if form.is_valid():
            try:
                modes.set_legacy_url(source, form.cleaned_data["legacy_url"])
            except modes.CannotSwitch as error:
                form.add_error("legacy_url", str(error))
        if form.errors:
            return self._source_page(request, source, handler=form)
        self.log_change(request, source, f"Previous handler: {source.legacy_url or 'none'}")
        return self.back_to(request, "source", source.pk, said=_("Saved. It is only called in legacy mode."))

    @transaction.atomic
    def leads(self, request: HttpRequest, source_id: int) -> HttpResponse:
        source = locked(self._find_source(request, source_id))
        form = LeadsForm(request.POST, instance=source, auto_id=OF_LEADS)
        if not form.is_valid():
            return self._source_page(request, source, leads=form)
        source.leads.set(form.cleaned_data["leads"])
        names = ", ".join(str(user) for user in mode_notices.recipients(source))
        self.log_change(request, source, f"Notified of switches: {names or 'nobody'}")
        said = _("Notified of the next switch: %(names)s.") % {"names": names or _("nobody")}
        return self.back_to(request, "source", source.pk, said=said)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict | None = None
    ) -> HttpResponse:
        """Also for everyone who was notified: a Lead may open the link in the email and confirm that they read it."""
        change = self._find_change(request, object_id)
        notices = change.notices.select_related("user").order_by("user__username")
        return self.page(
            request,
            "webhooks/mode_change.html",
            title=_("%(source)s was switched to %(mode)s")
            % {"source": change.source, "mode": formats.mode(change.mode)},
            change=change,
            notices=notices,
            mine=notices.filter(user=access.person(request)).first(),
            effect=mode_notices.EFFECTS[change.mode],
            acknowledge_url=self.url("acknowledge", change.pk),
            source_url=self.url("source", change.source_id) if access.may(request.user, self.see) else "",
        )

    def acknowledge(self, request: HttpRequest, object_id: int) -> HttpResponse:
        change = self._find_change(request, object_id)
        if not mode_notices.acknowledge(change, by=access.person(request), now=clock.now()):
            return self.back_to(
                request, "change", change.pk, trouble=_("There is nothing left to confirm here.")
            )
        return self.back_to(request, "change", change.pk, said=_("Confirmed: you have read this."))

    def _find_change(self, request: HttpRequest, object_id: Any) -> ModeChange:
        if not str(object_id).isdecimal():
            raise Http404
        change = get_object_or_404(ModeChange.objects.select_related("source", "by", "run"), pk=object_id)
        notified = change.notices.filter(user=access.person(request)).exists()
        if not notified and not access.may(request.user, self.see):
            raise PermissionDenied
        return change

    def _find_source(self, request: HttpRequest, source_id: int) -> Source:
        self.require(request, self.see)
        return get_object_or_404(Source, pk=source_id)

    def _source_page(
        self, request: HttpRequest, source: Source, *, form: SwitchForm | None = None, handler: HandlerForm | None = None,
        leads: LeadsForm | None = None, status: int = 400,
    ) -> HttpResponse:  # fmt: skip
        refused = form or handler or leads
        resuming = form is not None and form.data.get("to") == Source.Mode.ACTIVE
        changes = source.mode_changes.select_related("by").prefetch_related("notices").order_by("-pk")
        return self.page(
            request,
            "webhooks/mode.html",
            title=_("Source mode: %(source)s") % {"source": source},
            source=source,
            status=status if refused else 200,
            form=form if form and not resuming else SwitchForm(),
            back=form if resuming else SwitchForm(auto_id="id_back_%s"),
            handler=handler or HandlerForm(instance=source),
            leads=leads or LeadsForm(instance=source, auto_id=OF_LEADS),
            facts=modes.facts(source),
            run=replay_runs.under_way(source),
            recipients=mode_notices.recipients(source),
            changes=changes[:CHANGES_SHOWN],
            since=changes.first(),
            may_connect=access.may(request.user, "connections"),
            may_replay=access.may(request.user, "deliveries"),
            urls={name: self.url(name, source.pk) for name in ("switch", "handler", "leads")},
        )
