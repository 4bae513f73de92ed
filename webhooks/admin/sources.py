"""Sources: connect a Chatwoot account, check that its webhooks arrive, test it. Secrets are entered here and never shown."""

from datetime import timedelta
from typing import Any
from urllib.parse import quote

from django.contrib import admin, messages
from django.db import transaction
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from ..accounts import access
from ..database import clock
from ..display import formats, reconcile_text
from ..models import Delivery, Source, SourceSecret
from ..receiver import rejections
from ..reconcile import runs
from ..sources import connecting, dashboard_app, sources, versions
from ..templatetags.support import ago, badge
from .connect import PRIVATE_NETWORKS, ConnectPages
from .lost_updates import locked
from .reconciliation import SearchForm
from .source_forms import ExpiryForm, SecretForm, SilenceForm

UNKNOWN_SHOWN = timedelta(hours=24)
LAST_REFUSED = 6


@admin.register(Source)
class SourceAdmin(ConnectPages):
    """Operators view; superusers connect, test and change secrets."""

    nothing = gettext_lazy(
        "No Chatwoot is connected. A superuser can connect one here, or on the server with manage.py "
        "connect_chatwoot."
    )
    first = gettext_lazy("Connect Chatwoot")
    see = "deliveries"
    edit = "connections"
    verbs = (
        "check_token", "send_test", "add_secret", "expire_secret", "remove_secret", "refresh_secret",
        "accept_unsigned", "refuse_unsigned", "accept_all", "watch_silence", "confirm_moved", "add_dashboard_app",
    )  # fmt: skip
    list_display = ("slug", "base_url", "in_mode", "last_delivery", "token", "signed")
    ordering = ("slug",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Source]:
        newest = (
            Delivery.objects.filter(source=OuterRef("pk"), direction="IN")
            .order_by("-received_at")
            .values("received_at")
        )
        return super().get_queryset(request).annotate(last_received_at=Subquery(newest[:1]))

    def get_urls(self) -> list[URLPattern]:
        return [*self.connect_urls(), *super().get_urls()]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # its deliveries refer to it; pause it instead

    @admin.display(description=gettext_lazy("Mode"), ordering="mode")
    def in_mode(self, source: Source) -> SafeString:
        return badge(source.mode)

    @admin.display(description=gettext_lazy("Last delivery"))
    def last_delivery(self, source: Any) -> SafeString:
        return ago(source.last_received_at, _("none yet"))

    @admin.display(description=gettext_lazy("Token"))
    def token(self, source: Source) -> SafeString:
        if source.credentials_refused_at:
            return badge("DEAD", _("Refused"))
        return badge("DONE", _("Accepted")) if source.checked_at else badge("unchecked", _("Not checked"))

    @admin.display(description=gettext_lazy("Webhooks"))
    def signed(self, source: Source) -> SafeString:
        return badge("DEAD", _("Unsigned")) if source.unsigned_token else badge("DONE", _("Signed"))

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict | None = None
    ) -> HttpResponse:
        return HttpResponseRedirect(self.url("connect"))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict | None = None
    ) -> HttpResponse:
        return self._page(request, self.find(request, object_id), SecretForm())

    def _page(
        self, request: HttpRequest, source: Source, form: SecretForm, status: int = 200, silence: SilenceForm | None = None
    ) -> HttpResponse:  # fmt: skip
        slug, now, may_edit = quote(source.slug), clock.now(), access.may(request.user, "connections")
        return self.page(
            request, "webhooks/source.html", title=source.slug, original=source, source=source, form=form, status=status,
            receiving_url=sources.receiving_url(source) if may_edit or not source.unsigned_token else "",
            inboxes=source.inboxes.order_by("name"), may_edit=may_edit, hint=PRIVATE_NETWORKS, now=now,
            urls={verb: self.url(verb, source.pk) for verb in self.verbs}, connect_url=f"{self.url('connect')}?slug={slug}",
            unsigned_warning=sources.UNSIGNED_WARNING, version_means=versions.meaning(source.chatwoot_version),
            silence=silence or SilenceForm(instance=source), dashboard_app_url=dashboard_app.url(source),
            **self._open_circuit(request, source), **self._secrets(source), **self._refused(source), **_reconciliation(source),
        )  # fmt: skip

    def _open_circuit(self, request: HttpRequest, source: Source) -> dict[str, Any]:
        upstream = source.upstreams.filter(opened_at__isnull=False).first()
        may = upstream and access.may(request.user, "switches")
        return {
            "circuit_open": [upstream] if upstream else [],
            "try_url": reverse("admin:webhooks_upstream_retry_now", args=[upstream.pk])
            if upstream and may
            else "",
        }

    def _secrets(self, source: Source) -> dict[str, Any]:
        now, rows = clock.now(), list(source.secrets.order_by("pk"))
        matched = source.secrets.filter(last_matched_at__isnull=False).order_by("-last_matched_at").first()
        return {
            "secrets": [(row, ExpiryForm(initial={"expires_at": row.expires_at}, auto_id=f"id_{row.pk}_%s")) for row in rows],
            "in_use": matched, "rotation": sources.rotation_trouble(rows, now=now),
            "unknown": sources.unknown_signatures(source, since=now - UNKNOWN_SHOWN),
        }  # fmt: skip

    def _refused(self, source: Source) -> dict[str, Any]:
        last = rejections.without_bodies().filter(source=source).order_by("-pk")[:LAST_REFUSED]
        return {
            "refused": rejections.summary(source, now=clock.now()), "last_refused": last,
            "stale_waiting": rejections.waiting(source),
            "refused_url": f"{reverse('admin:webhooks_rejection_changelist')}?source__id__exact={source.pk}",
        }  # fmt: skip

    def _editable(self, request: HttpRequest, object_id: int) -> Source:
        self.require(request, "connections")
        return self.find(request, object_id)

    def check_token(self, request: HttpRequest, object_id: int) -> HttpResponse:
        source = self._editable(request, object_id)
        try:
            released = sources.check(source, now=clock.now())
        except sources.CannotConnect as error:
            return self.back_to(request, "change", source.pk, trouble=str(error))
        said = _("Chatwoot accepts the token.")
        if released:
            said = f"{said} {_released_text(released)}"
        return self.back_to(request, "change", source.pk, said=said)

    def send_test(self, request: HttpRequest, object_id: int) -> HttpResponse:
        source = self._editable(request, object_id)
        try:
            said = sources.send_test(source, now=clock.now())
        except sources.CannotConnect as error:
            return self.back_to(request, "change", source.pk, trouble=str(error))
        return self.back_to(request, "change", source.pk, said=said)

    def add_secret(self, request: HttpRequest, object_id: int) -> HttpResponse:
        source, form = self._editable(request, object_id), SecretForm(request.POST)
        if not form.is_valid():
            return self._page(request, source, form, status=400)
        if not sources.add_secret(source, form.cleaned_data["secret"], **{
            name: form.cleaned_data[name] for name in ("label", "expires_at")
        }):  # fmt: skip
            return self.back_to(request, "change", source.pk, trouble=_("This secret is already stored."))
        return self.back_to(
            request, "change", source.pk, said=_("Saved. Webhooks signed with it are accepted from now on.")
        )

    def expire_secret(self, request: HttpRequest, object_id: int) -> HttpResponse:
        source, form = self._editable(request, object_id), ExpiryForm(request.POST)
        row = self._secret(request, source)
        if not form.is_valid():
            return self.back_to(request, "change", source.pk, trouble=str(form.errors["expires_at"][0]))
        row.expires_at = form.cleaned_data["expires_at"]
        row.save(update_fields=["expires_at"])
        said = _("“%(secret)s” is always accepted.") % {"secret": row}
        if row.expires_at:
            until = formats.minute(timezone.localtime(row.expires_at))
            said = _("“%(secret)s” is accepted until %(at)s.") % {"secret": row, "at": until}
        return self.back_to(request, "change", source.pk, said=said)

    def remove_secret(self, request: HttpRequest, object_id: int) -> HttpResponse:
        source = self._editable(request, object_id)
        row = self._secret(request, source)
        usable = sources.usable_secrets(source, now=clock.now())
        if not source.unsigned_token and usable.contains(row) and usable.count() == 1:
            trouble = _(
                "This is the only secret, and without one every webhook is refused. Add the new one first."
            )
            return self.back_to(request, "change", source.pk, trouble=trouble)
        row.delete()
        return self.back_to(
            request, "change", source.pk, said=_("Removed: webhooks signed with it are refused.")
        )

    def _secret(self, request: HttpRequest, source: Source) -> SourceSecret:
        number = request.POST.get("secret", "")
        found = source.secrets.filter(pk=number).first() if number.isdecimal() else None
        if found is None:
            raise Http404
        return found

    def refresh_secret(self, request: HttpRequest, object_id: int) -> HttpResponse:
        source = self._editable(request, object_id)
        try:
            new = sources.refresh_secret(source, now=clock.now())
        except sources.CannotConnect as error:
            return self.back_to(request, "change", source.pk, trouble=str(error))
        said = (
            _("Chatwoot had a new secret: it is stored, and the previous one is accepted for another 24 h.")
            if new
            else _("Chatwoot's webhook has the secret that is stored here: nothing changed.")
        )
        return self.back_to(request, "change", source.pk, said=said)

    def accept_unsigned(self, request: HttpRequest, object_id: int) -> HttpResponse:
        source = self._editable(request, object_id)
        sources.accept_unsigned(source)
        messages.warning(request, sources.UNSIGNED_WARNING)
        said = _("Now enter the new receiving URL in Chatwoot's webhook, or connect again with “register”.")
        return self.back_to(request, "change", source.pk, said=said)

    def refuse_unsigned(self, request: HttpRequest, object_id: int) -> HttpResponse:
        source = self._editable(request, object_id)
        sources.refuse_unsigned(source)
        said = _(
            "Unsigned webhooks are refused. Enter the plain URL in Chatwoot's webhook, or connect again with “register”."
        )
        return self.back_to(request, "change", source.pk, said=said)

    def confirm_moved(self, request: HttpRequest, object_id: int) -> HttpResponse:
        source = self._editable(request, object_id)
        released = connecting.confirm_moved(source, now=clock.now())
        self.log_change(
            request, source, f"Confirmed that {source.base_url} is the same Chatwoot as {source.moved_from}"
        )
        said = " ".join((_("Confirmed: this is the same Chatwoot."), _released_text(released)))
        return self.back_to(request, "change", source.pk, said=said)

    def add_dashboard_app(self, request: HttpRequest, object_id: int) -> HttpResponse:
        source = self._editable(request, object_id)
        try:
            said = dashboard_app.add(source)
        except sources.CannotConnect as error:
            return self.back_to(request, "change", source.pk, trouble=str(error))
        return self.back_to(request, "change", source.pk, said=said)

    @transaction.atomic
    def watch_silence(self, request: HttpRequest, object_id: int) -> HttpResponse:
        self.require(request, "deliveries")
        locked(self.find(request, object_id))
        source = self.find(request, object_id)
        form = SilenceForm(request.POST, instance=source)
        if not form.is_valid():
            return self._page(request, source, SecretForm(), status=400, silence=form)
        minutes = form.cleaned_data["silence_minutes"]
        Source.objects.filter(pk=source.pk).update(silence_minutes=minutes)
        self.log_change(
            request, source, f"Alert after {minutes} silent minutes" if minutes else "No alert for silence"
        )
        said = _("No alert for silence.")
        if minutes:
            said = ngettext(
                "Alert after %(count)s silent minute.", "Alert after %(count)s silent minutes.", minutes
            )
        return self.back_to(request, "change", source.pk, said=said % {"count": minutes})

    def accept_all(self, request: HttpRequest, object_id: int) -> HttpResponse:
        self.require(request, "deliveries")
        source = self.find(request, object_id)
        count = rejections.accept_all(source, by=access.person(request), now=clock.now())
        said = ngettext(
            "%(count)s event is processed now, as if accepted on arrival.",
            "%(count)s events are processed now, as if accepted on arrival.",
            count,
        )
        return self.back_to(request, "change", source.pk, said=said % {"count": count})


def _released_text(count: int) -> str:
    text = ngettext(
        "%(count)s held delivery was released.", "%(count)s held deliveries were released.", count
    )
    return text % {"count": count}


def _reconciliation(source: Source) -> dict[str, Any]:
    last = source.reconcile_runs.select_related("by").order_by("-pk").first()
    if last is None:
        return {"search": SearchForm()}
    waiting, skipped = last.items.filter(state="WAITING").count(), len(runs.skipped(last))
    return {
        "search": SearchForm(), "last_search": last,
        "last_found": reconcile_text.status_text(last, waiting=waiting, skipped=skipped),
    }  # fmt: skip
