"""Failures with the same error, grouped: read them, add a note, mute them, replay them together."""

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import admin
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST
from unfold.widgets import UnfoldAdminTextInputWidget

from ..accounts import access
from ..database import clock
from ..deliveries import failure_groups
from ..deliveries.failure_groups import Group
from ..models import FailureNote, Source
from .base import RightsAdmin
from .lost_updates import NotOverwritten

SHOWN = 25  # deliveries shown on a group's page


class NoteForm(NotOverwritten):
    class Meta:
        model = FailureNote
        fields = ("note",)

    note = forms.CharField(
        label=gettext_lazy("Note"),
        required=False,
        max_length=500,
        widget=UnfoldAdminTextInputWidget(
            attrs={"placeholder": gettext_lazy("What is known about it, and who is working on it")}
        ),
    )


@admin.register(FailureNote)
class FailureAdmin(RightsAdmin):
    see = "deliveries"

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("", view(self.changelist_view), name=self.url_name("changelist")),
            path("group/<slug:fingerprint>/", view(self.group_view), name=self.url_name("group")),
            *[
                path(f"group/<slug:fingerprint>/{name}/", view(require_POST(verb)), name=self.url_name(name))
                for name, verb in (("note", self.note), ("mute", self.mute), ("unmute", self.unmute))
            ],
        ]

    def changelist_view(self, request: HttpRequest, extra_context: dict | None = None) -> Any:
        self.require(request, self.see)
        groups = failure_groups.groups(now=clock.now())
        muted = [group for group in groups if group.muted]
        return self.page(
            request, "webhooks/failures.html", title=_("Failures"), muted=muted, most=failure_groups.MOST,
            groups=[group for group in groups if not group.muted],
        )  # fmt: skip

    def group_view(self, request: HttpRequest, fingerprint: str) -> HttpResponse:
        self.require(request, self.see)
        return self._page(request, fingerprint)

    def note(self, request: HttpRequest, fingerprint: str) -> HttpResponse:
        self.require(request, self.see)
        with transaction.atomic():
            form = NoteForm(request.POST, instance=_kept(fingerprint, lock=True))
            if not form.is_valid():
                return self._page(request, fingerprint, form, status=400)
            text = form.cleaned_data["note"]
            failure_groups.note(fingerprint, text, by=access.person(request), now=clock.now())
        return self.back_to(
            request, "group", fingerprint, said=_("Note saved.") if text else _("Note removed.")
        )

    def mute(self, request: HttpRequest, fingerprint: str) -> HttpResponse:
        self.require(request, self.see)
        failure_groups.mute(fingerprint, by=access.person(request), now=clock.now())
        return self.back_to(
            request, "group", fingerprint, said=_("Muted: it moves below the others and raises no alerts.")
        )

    def unmute(self, request: HttpRequest, fingerprint: str) -> HttpResponse:
        self.require(request, self.see)
        failure_groups.unmute(fingerprint, by=access.person(request), now=clock.now())
        return self.back_to(request, "group", fingerprint, said=_("Unmuted: it raises alerts again."))

    def _page(
        self, request: HttpRequest, fingerprint: str, form: NoteForm | None = None, status: int = 200
    ) -> HttpResponse:
        group = failure_groups.get(fingerprint, now=clock.now())
        if group is None:
            return self.back_to(request, "changelist", said=_("No delivery fails with this error any more."))
        rows = failure_groups.failing().filter(error_fingerprint=fingerprint).select_related("source")
        return self.page(
            request, "webhooks/failure.html", title=_("Failure"), status=status, group=group,
            form=form or NoteForm(instance=_kept(fingerprint)), rows=rows.defer("body", "headers").order_by("-pk")[:SHOWN],
            replays=_replays(group), urls={name: self.url(name, fingerprint) for name in ("note", "mute", "unmute")},
            list_url=reverse("admin:webhooks_delivery_changelist") + "?" + urlencode({"error_fingerprint": fingerprint}),
            back_url=self.url("changelist"),
        )  # fmt: skip


def _kept(fingerprint: str, *, lock: bool = False) -> FailureNote:
    rows = FailureNote.objects.filter(fingerprint=fingerprint)
    return (rows.select_for_update() if lock else rows).first() or FailureNote(fingerprint=fingerprint)


def _replays(group: Group) -> list[tuple[Source, str]]:
    """A link for each source, since one run replays one source."""
    if group.latest and group.latest.event == "reply.send":
        return []  # a reply is never replayed: its draft's page decides
    page = reverse("admin:webhooks_replayrun_add")
    return [
        (source, page + "?" + urlencode({"fingerprint": group.fingerprint, "source": source.pk}))
        for source in group.sources
    ]
