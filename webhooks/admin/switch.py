"""The kill switch: one page, one row. While stopped, no reply leaves; resuming lets go on what waited for it."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path
from django.utils import timezone
from django.views.decorators.http import require_POST
from unfold.widgets import UnfoldAdminTextInputWidget

from .. import access, sending_switch
from ..models import Delivery, SendingSwitch
from .base import RightsAdmin


class SwitchForm(forms.Form):
    reason = forms.CharField(label="Reason", max_length=200, widget=UnfoldAdminTextInputWidget)


@admin.register(SendingSwitch)
class SendingSwitchAdmin(RightsAdmin):
    see = "switches"

    def get_urls(self) -> list[URLPattern]:
        flip = [
            path(f"{name}/", self.admin_site.admin_view(require_POST(view)), name=self.url_name(name))
            for name, view in (("stop", self.stop), ("resume", self.resume))
        ]
        return flip + super().get_urls()

    def changelist_view(self, request: HttpRequest, extra_context: dict | None = None) -> Any:
        self.require(request, self.see)
        return self._page(request, SwitchForm())

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict | None = None
    ) -> HttpResponse:
        return HttpResponseRedirect(self.url("changelist"))

    def stop(self, request: HttpRequest) -> HttpResponse:
        return self._flip(request, stopped=True)

    def resume(self, request: HttpRequest) -> HttpResponse:
        return self._flip(request, stopped=False)

    def _flip(self, request: HttpRequest, *, stopped: bool) -> HttpResponse:
        self.require(request, "switches")
        form = SwitchForm(request.POST)
        if not form.is_valid():
            return self._page(request, form, status=400)
        reason, now = form.cleaned_data["reason"], timezone.now()
        if stopped:
            sending_switch.stop(by=access.person(request), reason=reason, now=now)
            return self.back_to(
                request, "changelist", said="Stopped: no reply leaves until somebody resumes."
            )
        released = sending_switch.resume(by=access.person(request), reason=reason, now=now)
        more = f" {released} waiting replies go on." if released else ""
        return self.back_to(request, "changelist", said=f"Sending is on again.{more}")

    def _page(self, request: HttpRequest, form: SwitchForm, status: int = 200) -> HttpResponse:
        switch = SendingSwitch.objects.select_related("changed_by").filter(pk=1).first() or SendingSwitch(
            pk=1
        )
        waiting = Delivery.objects.filter(event="reply.send", status__in=["PENDING", "HELD"]).count()
        return self.page(
            request, "webhooks/switch.html", title="Sending", switch=switch, form=form, waiting=waiting, status=status,
            flip_url=self.url("resume" if switch.stopped else "stop"),
        )  # fmt: skip
