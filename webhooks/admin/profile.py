"""A person's own page: language, the time zone in which they read times, what follows a decision, and what they may do here."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from ..accounts import access, profiles
from ..database import clock
from ..models import Profile
from . import notifications
from .base import RightsAdmin


class ProfileForm(forms.Form):
    language = forms.ChoiceField(
        label=gettext_lazy("Language"), required=False, choices=profiles.language_choices,
        widget=forms.Select(attrs={"class": "s-input s-fit"}),
        error_messages={"invalid_choice": gettext_lazy("This language is unknown. Choose one from the list.")},
    )  # fmt: skip
    time_zone = forms.ChoiceField(
        label=gettext_lazy("Time zone"), required=False, choices=profiles.zone_choices,
        widget=forms.Select(attrs={"class": "s-input s-fit", "data-zone": ""}),
        error_messages={"invalid_choice": gettext_lazy("This time zone is unknown. Choose one from the list.")},
    )  # fmt: skip
    leads_on = forms.BooleanField(
        label=gettext_lazy("After a decision, open the next customer in the queue"), required=False
    )


@admin.register(Profile)
class ProfileAdmin(RightsAdmin):
    def get_urls(self) -> list[URLPattern]:
        save = self.admin_site.admin_view(require_POST(self.save))
        view = self.admin_site.admin_view
        test = view(require_POST(self.notifications_test))
        return [
            path("save/", save, name=self.url_name("save")),
            path("notifications/", view(self.notifications), name=self.url_name("notifications")),
            path("notifications/test/", test, name=self.url_name("notifications_test")),
            *super().get_urls(),
        ]

    def notifications(self, request: HttpRequest) -> HttpResponse:
        return (
            notifications.save(self, request)
            if request.method == "POST"
            else notifications.show(self, request)
        )

    def notifications_test(self, request: HttpRequest) -> HttpResponse:
        return notifications.test(self, request)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return True  # everybody has one

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return True

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict | None = None
    ) -> HttpResponse:
        return self.back_to(request, "changelist")

    def changelist_view(self, request: HttpRequest, extra_context: dict | None = None) -> Any:
        user = access.person(request)
        zone = profiles.zone_of(user)
        initial = {
            "time_zone": zone.key if zone else "", "leads_on": profiles.leads_on(user), "language": profiles.language_of(user),
        }  # fmt: skip
        return self._page(request, ProfileForm(initial=initial))

    def save(self, request: HttpRequest) -> HttpResponse:
        form = ProfileForm(request.POST)
        if not form.is_valid():
            return self._page(request, form)
        profiles.choose(
            access.person(request),
            zone=form.cleaned_data["time_zone"],
            leads_on=form.cleaned_data["leads_on"],
            language=form.cleaned_data["language"],
        )
        # The answer is already in the language just chosen.
        asked = form.cleaned_data["language"] or translation.get_language_from_request(request)
        with translation.override(asked):
            return self.back_to(request, "changelist", said=_("Saved. Times are now shown in this zone."))

    def _page(self, request: HttpRequest, form: ProfileForm) -> HttpResponse:
        user = access.person(request)
        inboxes = access.inboxes_of(user)
        return self.page(
            request, "webhooks/profile.html", title=_("Your profile"), status=400 if form.is_bound else 200, form=form,
            person=user, groups=sorted(access.group_names(user)), inboxes=[str(inbox) for inbox in inboxes.order_by("name")],
            every_inbox=access.sees_every_inbox(user), site_zone=settings.TIME_ZONE, now=clock.now(),
            save_url=self.url("save"), notifications_url=self.url("notifications"),
        )  # fmt: skip
