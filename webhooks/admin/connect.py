"""The pages that connect a Chatwoot account: the form, and what its token opens before the form is sent."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from ..database import clock
from ..models import Source
from ..sources import connecting, sources
from .base import RightsAdmin
from .source_forms import ConnectForm, TokenForm

PRIVATE_NETWORKS = gettext_lazy(
    "Chatwoot 4.14 and newer refuse to post to private addresses (localhost, 10.x, 192.168.x, 172.16–31.x) unless Chatwoot "
    "itself runs with SAFE_FETCH_ALLOW_PRIVATE_NETWORK=true."
)


class ConnectPages(RightsAdmin):
    def connect_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("connect/", view(self.connect_view), name=self.url_name("connect")),
            path("connect/token/", view(require_POST(self.token_view)), name=self.url_name("try_token")),
        ]

    def connect_view(self, request: HttpRequest) -> HttpResponse:
        self.require(request, "connections")
        form = ConnectForm(request.POST or None, initial=self._known(request))
        if request.method == "POST" and form.is_valid():
            try:
                done = connecting.connect(form.connection(), now=clock.now())
            except sources.CannotConnect as error:
                form.add_error(None, str(error))
            else:
                for note in done.notes:
                    messages.warning(request, note)
                said = _("Connected as %(name)s. Receiving at %(url)s") % {
                    "name": done.source.sender_name or _("an administrator"),
                    "url": done.receiving_url,
                }
                return self.back_to(request, "change", done.source.pk, said=said)
        return self.page(
            request, "webhooks/connect.html", title=_("Connect a Chatwoot"), form=form, hint=PRIVATE_NETWORKS,
            status=400 if form.is_bound else 200, token_url=self.url("try_token"),
        )  # fmt: skip

    def token_view(self, request: HttpRequest) -> HttpResponse:
        """A fragment of the form: what the token opens, or what is wrong with it, before anything is saved."""
        self.require(request, "connections")
        form, checked, trouble = TokenForm(request.POST), None, ""
        if form.is_valid():
            try:
                checked = connecting.check(form.connection())
            except sources.CannotConnect as error:
                trouble = str(error)
        facts = {
            "form": form,
            "checked": checked,
            "trouble": trouble,
            "account_id": form.cleaned_data.get("account_id"),
        }
        return TemplateResponse(request, "webhooks/token_result.html", facts)

    def _known(self, request: HttpRequest) -> dict:
        """Connecting again repairs a source: the form is prefilled with everything except the token."""
        source = Source.objects.filter(slug=request.GET.get("slug", "")).first()
        known = (
            {"slug": source.slug, "base_url": source.base_url, "account_id": source.account_id}
            if source
            else {}
        )
        return {"public_url": settings.PUBLIC_URL, **known}
