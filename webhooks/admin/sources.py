"""Sources: connect a Chatwoot account, see that it talks to us, test it. Secrets are written here and never shown."""

from typing import Any
from urllib.parse import quote

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.safestring import SafeString
from unfold.widgets import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminPasswordWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

from .. import access, sources
from ..models import Delivery, Source
from ..templatetags.support import ago, badge
from .base import RightsAdmin

PRIVATE_NETWORKS = (
    "Chatwoot 4.14 and newer refuse to post to private addresses (localhost, 10.x, 192.168.x, 172.16–31.x) unless Chatwoot "
    "itself runs with SAFE_FETCH_ALLOW_PRIVATE_NETWORK=true."
)


class ConnectForm(forms.Form):
    slug = forms.SlugField(
        label="Short name", widget=UnfoldAdminTextInputWidget(attrs={"placeholder": "acme"}),
        help_text="Becomes part of the receiving URL: /webhooks/chatwoot/acme/",
    )  # fmt: skip
    base_url = forms.URLField(
        label="Chatwoot's address", assume_scheme="https", widget=UnfoldAdminTextInputWidget(attrs={"placeholder": "https://chat.example.com"}),
        help_text="As in the address bar, without /app/…",
    )  # fmt: skip
    account_id = forms.IntegerField(
        label="Account number", min_value=1, widget=UnfoldAdminIntegerFieldWidget,
        help_text="The number after /app/accounts/ in the address bar",
    )  # fmt: skip
    api_token = forms.CharField(
        label="Access token", widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "off"}),
        help_text="An administrator's: Chatwoot, Profile settings, Access token. Kept encrypted, never shown again.",
    )  # fmt: skip
    register = forms.BooleanField(
        label="Register the webhook in Chatwoot", required=False, initial=True, widget=UnfoldBooleanSwitchWidget,
        help_text="Off: you make the webhook in Chatwoot yourself and give its secret below.",
    )  # fmt: skip
    public_url = forms.URLField(
        label="This site's address, as Chatwoot reaches it",
        required=False,
        assume_scheme="https",
        widget=UnfoldAdminTextInputWidget,
    )
    secret = forms.CharField(
        label="The webhook's secret", required=False, widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "off"}),
        help_text="Only where the webhook is not registered from here",
    )  # fmt: skip

    def connection(self) -> sources.Connection:
        return sources.Connection(**self.cleaned_data)


class SecretForm(forms.Form):
    label = forms.CharField(
        label="Name",
        max_length=60,
        widget=UnfoldAdminTextInputWidget(attrs={"placeholder": "rotated in May"}),
    )
    secret = forms.CharField(label="Secret", widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "off"}))


@admin.register(Source)
class SourceAdmin(RightsAdmin):
    """Operators look; superusers connect, test and change secrets."""

    see = "deliveries"
    edit = "connections"
    verbs = ("check_token", "send_test", "add_secret", "remove_secret")
    list_display = ("slug", "base_url", "in_mode", "last_delivery", "token")
    ordering = ("slug",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Source]:
        newest = (
            Delivery.objects.filter(source=OuterRef("pk"), direction="IN")
            .order_by("-received_at")
            .values("received_at")
        )
        return super().get_queryset(request).annotate(last_received_at=Subquery(newest[:1]))

    def get_urls(self) -> list[URLPattern]:
        connect = path(
            "connect/", self.admin_site.admin_view(self.connect_view), name=self.url_name("connect")
        )
        return [connect, *super().get_urls()]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # its deliveries stay; pausing it is the way

    @admin.display(description="Mode", ordering="mode")
    def in_mode(self, source: Source) -> SafeString:
        return badge(source.mode)

    @admin.display(description="Last delivery")
    def last_delivery(self, source: Any) -> SafeString:
        return ago(source.last_received_at, "none yet")

    @admin.display(description="Token")
    def token(self, source: Source) -> SafeString:
        if source.credentials_refused_at:
            return badge("DEAD", "Refused")
        return badge("DONE", "Accepted") if source.checked_at else badge("unchecked", "Not checked")

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict | None = None
    ) -> HttpResponse:
        return HttpResponseRedirect(self.url("connect"))

    def connect_view(self, request: HttpRequest) -> HttpResponse:
        self.require(request, "connections")
        form = ConnectForm(request.POST or None, initial=self._known(request))
        if request.method == "POST" and form.is_valid():
            try:
                done = sources.connect(form.connection(), now=timezone.now())
            except sources.CannotConnect as error:
                form.add_error(None, str(error))
            else:
                for note in done.notes:
                    messages.warning(request, note)
                said = f"Connected as {done.source.sender_name or 'an administrator'}. Receiving at {done.receiving_url}"
                return self.back_to(request, "change", done.source.pk, said=said)
        return self.page(
            request, "webhooks/connect.html", title="Connect a Chatwoot", form=form, hint=PRIVATE_NETWORKS,
            status=400 if form.is_bound else 200,
        )  # fmt: skip

    def _known(self, request: HttpRequest) -> dict:
        """Connecting again mends a source: what is known of it stands in the form, but for the token."""
        source = Source.objects.filter(slug=request.GET.get("slug", "")).first()
        known = (
            {"slug": source.slug, "base_url": source.base_url, "account_id": source.account_id}
            if source
            else {}
        )
        return {"public_url": settings.PUBLIC_URL, **known}

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict | None = None
    ) -> HttpResponse:
        return self._page(request, self.find(request, object_id), SecretForm())

    def _page(
        self, request: HttpRequest, source: Source, form: SecretForm, status: int = 200
    ) -> HttpResponse:
        slug = quote(source.slug)
        return self.page(
            request, "webhooks/source.html", title=source.slug, original=source, source=source, form=form, status=status,
            receiving_url=settings.PUBLIC_URL.rstrip("/") + source.path, secrets=source.secrets.order_by("pk"),
            inboxes=source.inboxes.order_by("name"), may_edit=access.may(request.user, "connections"), hint=PRIVATE_NETWORKS,
            urls={verb: self.url(verb, source.pk) for verb in self.verbs}, connect_url=f"{self.url('connect')}?slug={slug}",
        )  # fmt: skip

    def _editable(self, request: HttpRequest, object_id: int) -> Source:
        self.require(request, "connections")
        return self.find(request, object_id)

    def check_token(self, request: HttpRequest, object_id: int) -> HttpResponse:
        source = self._editable(request, object_id)
        try:
            released = sources.check(source, now=timezone.now())
        except sources.CannotConnect as error:
            return self.back_to(request, "change", source.pk, trouble=str(error))
        more = f" {released} held deliveries go on." if released else ""
        return self.back_to(request, "change", source.pk, said=f"Chatwoot accepts the token.{more}")

    def send_test(self, request: HttpRequest, object_id: int) -> HttpResponse:
        source = self._editable(request, object_id)
        try:
            said = sources.send_test(source, now=timezone.now())
        except sources.CannotConnect as error:
            return self.back_to(request, "change", source.pk, trouble=str(error))
        return self.back_to(request, "change", source.pk, said=said)

    def add_secret(self, request: HttpRequest, object_id: int) -> HttpResponse:
        source, form = self._editable(request, object_id), SecretForm(request.POST)
        if not form.is_valid():
            return self._page(request, source, form, status=400)
        sources.keep_secret(source, form.cleaned_data["secret"], label=form.cleaned_data["label"])
        return self.back_to(
            request, "change", source.pk, said="Kept. Bodies signed with it are accepted from now on."
        )

    def remove_secret(self, request: HttpRequest, object_id: int) -> HttpResponse:
        source = self._editable(request, object_id)
        number = request.POST.get("secret", "")
        gone = source.secrets.filter(pk=number).first() if number.isdigit() else None
        if gone is None:
            raise Http404
        if source.secrets.count() == 1:
            trouble = "This is the only secret: without one everything that arrives is refused. Add the new one first."
            return self.back_to(request, "change", source.pk, trouble=trouble)
        gone.delete()
        return self.back_to(request, "change", source.pk, said="Removed: it opens nothing any more.")
