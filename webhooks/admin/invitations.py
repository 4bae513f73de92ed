"""Invites people, and the page on which an invited person chooses a password."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.forms import SetPasswordForm
from django.contrib.auth.models import User
from django.contrib.auth.views import PasswordResetConfirmView
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse, reverse_lazy
from django.utils.translation import gettext as _
from unfold.widgets import UnfoldAdminPasswordWidget

from ..accounts import access, invitations

SHOWN = "invitation"  # the key of the session: a link is shown once, to the person who made it


def invite(request: HttpRequest, user: User) -> None:
    address = invitations.link(user)
    if invitations.send(user, by=access.person(request), address=address):
        messages.success(
            request, _("Invited: %(email)s received a link to choose a password.") % {"email": user.email}
        )
    else:
        request.session[SHOWN] = {"user": user.pk, "link": address}


def link_to_show(request: HttpRequest, user: User) -> str:
    kept = request.session.get(SHOWN) or {}
    if kept.get("user") != user.pk:
        return ""
    del request.session[SHOWN]
    return str(kept["link"])


class ChoosePasswordForm(SetPasswordForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("new_password1", "new_password2"):
            self.fields[name].widget = UnfoldAdminPasswordWidget(attrs={"autocomplete": "new-password"})


class ChoosePassword(PasswordResetConfirmView):
    """Open to everybody: the link is the proof. Django moves its token to the session, so that no page sends it on."""

    template_name = "webhooks/choose_password.html"
    form_class = ChoosePasswordForm
    success_url = reverse_lazy("admin:login")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return admin.site.each_context(self.request) | super().get_context_data(**kwargs)

    def form_valid(self, form: Any) -> HttpResponse:
        answer = super().form_valid(form)
        messages.success(self.request, _("Your password is saved. Sign in with it."))
        return answer


def sent_back(user: User) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("admin:auth_user_change", args=[user.pk]))
