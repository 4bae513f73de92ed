"""The sending switch and the caps: one page, one row. Stopping takes one click; resuming needs a reason."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext
from django.views.decorators.http import require_POST
from unfold.widgets import UnfoldAdminIntegerFieldWidget, UnfoldAdminTextInputWidget

from ..accounts import access
from ..database import clock
from ..models import Delivery, SendingSwitch
from ..sources import sending_switch
from .base import RightsAdmin
from .lost_updates import NotOverwritten, locked_settings

CHANGES_SHOWN = 8


class StopForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Reason"), max_length=200, required=False, widget=UnfoldAdminTextInputWidget
    )


class ResumeForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Why it is safe again"), max_length=200, widget=UnfoldAdminTextInputWidget,
        error_messages={"required": gettext_lazy("Enter a reason for the log.")},
    )  # fmt: skip


class CapsForm(NotOverwritten):
    class Meta:
        model = SendingSwitch
        fields = ("most_an_hour", "most_a_conversation")
        labels = {
            "most_an_hour": gettext_lazy("Replies per hour"),
            "most_a_conversation": gettext_lazy("Replies per hour to one conversation"),
        }
        help_texts = {
            "most_an_hour": gettext_lazy("All sources together. Empty: no limit."),
            "most_a_conversation": gettext_lazy("Stops two bots that answer each other. Empty: no limit."),
        }
        widgets = {name: UnfoldAdminIntegerFieldWidget(attrs={"min": 1}) for name in fields}

    def clean(self) -> dict[str, Any]:
        super().clean()
        for name in self.Meta.fields:
            if self.cleaned_data.get(name) == 0:
                self.add_error(name, _("0 would send nothing: stop all sending above instead."))
        return self.cleaned_data


@admin.register(SendingSwitch)
class SendingSwitchAdmin(RightsAdmin):
    see = "switches"

    def get_urls(self) -> list[URLPattern]:
        verbs = ("stop", "resume", "limit", "release")
        own = [
            path(f"{name}/", self.admin_site.admin_view(require_POST(getattr(self, name))), name=self.url_name(name))
            for name in verbs
        ]  # fmt: skip
        return own + super().get_urls()

    def changelist_view(self, request: HttpRequest, extra_context: dict | None = None) -> Any:
        self.require(request, self.see)
        return self._page(request)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict | None = None
    ) -> HttpResponse:
        return HttpResponseRedirect(self.url("changelist"))

    def stop(self, request: HttpRequest) -> HttpResponse:
        self.require(request, self.see)
        form = StopForm(request.POST)
        if not form.is_valid():
            return self._page(request, flip=form)
        sending_switch.stop(by=access.person(request), reason=form.cleaned_data["reason"], now=clock.now())
        switch = self._log(request, "Stopped all sending")
        return self.back_to(
            request,
            "changelist",
            said=_("Stopped: no reply is sent until someone resumes. %(reason)s.")
            % {"reason": switch.reason},
        )

    def resume(self, request: HttpRequest) -> HttpResponse:
        self.require(request, self.see)
        form = ResumeForm(request.POST)
        if not form.is_valid():
            return self._page(request, flip=form)
        reason = form.cleaned_data["reason"]
        released = sending_switch.resume(by=access.person(request), reason=reason, now=clock.now())
        self._log(request, "Resumed sending")
        return self.back_to(
            request,
            "changelist",
            said=_("Sending is on again.") + _released_text(released),
        )

    @transaction.atomic
    def limit(self, request: HttpRequest) -> HttpResponse:
        self.require(request, self.see)
        form = CapsForm(request.POST, instance=locked_settings(SendingSwitch))
        if not form.is_valid():
            return self._page(request, caps=form)
        sending_switch.limit(**form.cleaned_data)
        hour, conversation = (form.cleaned_data[name] or "no limit" for name in CapsForm.Meta.fields)
        self._log(request, f"Caps: {hour} per hour, {conversation} per conversation")
        return self.back_to(request, "changelist", said=_("Saved. The caps apply from the next reply."))

    def release(self, request: HttpRequest) -> HttpResponse:
        self.require(request, self.see)
        if SendingSwitch.is_stopped():
            return self.back_to(
                request, "changelist", trouble=_("All sending is stopped: resume it instead.")
            )
        released = sending_switch.release(now=clock.now())
        self._log(request, f"Released {released} held repl{'y' if released == 1 else 'ies'}")
        return self.back_to(
            request,
            "changelist",
            said=_("Done.") + _released_text(released),
        )

    def _log(self, request: HttpRequest, what: str) -> SendingSwitch:
        switch = _switch()
        self.log_change(request, switch, what + (f": {switch.reason}" if "sending" in what else ""))
        return switch

    def _page(
        self, request: HttpRequest, *, flip: forms.Form | None = None, caps: CapsForm | None = None
    ) -> HttpResponse:
        switch, replies = _switch(), Delivery.objects.filter(event="reply.send")
        kind = ContentType.objects.get_for_model(SendingSwitch)
        changes = LogEntry.objects.filter(content_type=kind).select_related("user")[:CHANGES_SHOWN]
        return self.page(
            request, "webhooks/switch.html", title=pgettext("page", "Sending"), switch=switch,
            status=400 if flip or caps else 200,
            form=flip or (ResumeForm() if switch.stopped else StopForm()), caps=caps or CapsForm(instance=switch),
            waiting=replies.filter(status__in=["PENDING", "HELD"]).count(), changes=changes,
            held=replies.filter(status="HELD", held_for="rule").count(),
            used=import_string(settings.REPLIES_LAST_HOUR)(now=clock.now()),
            urls={name: self.url(name) for name in ("stop", "resume", "limit", "release")},
        )  # fmt: skip


def _switch() -> SendingSwitch:
    return SendingSwitch.objects.select_related("changed_by").filter(pk=1).first() or SendingSwitch(pk=1)


def _released_text(released: int) -> str:
    if not released:
        return ""
    text = ngettext(
        "%(count)s waiting reply was released.", "%(count)s waiting replies were released.", released
    )
    return f" {text % {'count': released}}"
