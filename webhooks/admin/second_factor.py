"""A person's own second factor: set it up, enter a code, get recovery codes. Managers also set the rule for everyone."""

from typing import Any

import django_otp
import segno
from django import forms
from django.conf import settings
from django.contrib import admin
from django.contrib.auth.models import User
from django.db.models import Exists, OuterRef
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST
from unfold.widgets import UnfoldAdminTextInputWidget

from ..accounts import access, second_factor
from ..database import clock
from ..models import SecondFactor, SignInRule
from .base import RightsAdmin

VERBS = ("begin", "confirm", "codes", "remove", "require_of_all")


class CodeForm(forms.Form):
    code = forms.CharField(
        label=gettext_lazy("Code"), max_length=20, error_messages={"required": gettext_lazy("Enter the code first.")},
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "one-time-code", "autocapitalize": "off"}),
    )  # fmt: skip


@admin.register(SignInRule)
class SignInRuleAdmin(RightsAdmin):
    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        verbs = [
            path(
                f"{verb.replace('_', '-')}/",
                view(require_POST(getattr(self, verb))),
                name=self.url_name(verb),
            )
            for verb in VERBS
        ]
        check = path("check/", view(self.check_view), name=self.url_name("check"))
        return [*verbs, check, *super().get_urls()]

    def has_module_permission(self, request: HttpRequest) -> bool:
        return True  # everyone has their own account

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return True

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict | None = None
    ) -> HttpResponse:
        return self.back_to(request, "changelist")

    def changelist_view(self, request: HttpRequest, extra_context: dict | None = None) -> Any:
        return self._page(request)

    def begin(self, request: HttpRequest) -> HttpResponse:
        try:
            second_factor.begin(access.person(request))
        except second_factor.Refused as error:
            return self.back_to(request, "changelist", trouble=str(error))
        return self.back_to(request, "changelist")

    def confirm(self, request: HttpRequest) -> HttpResponse:
        form = CodeForm(request.POST)
        if not form.is_valid():
            return self._page(request, form=form)
        try:
            device, codes = second_factor.confirm(access.person(request), form.cleaned_data["code"])
        except second_factor.Refused as error:
            form.add_error("code", str(error))
            return self._page(request, form=form)
        _let_in(request, device)
        self._log(request, "Turned the second factor on")
        return self._page(request, fresh=codes)

    def codes(self, request: HttpRequest) -> HttpResponse:
        return self._with_a_code(
            request, lambda user: self._page(request, fresh=second_factor.renew_codes(user))
        )

    def remove(self, request: HttpRequest) -> HttpResponse:
        def off(user: User) -> HttpResponse:
            second_factor.remove(user)
            self._log(request, "Turned the second factor off")
            return self.back_to(
                request, "changelist", said=_("Off: you sign in with your password alone again.")
            )

        if second_factor.is_required():
            trouble = _("A second factor is required for everyone, so you cannot turn it off.")
            return self.back_to(request, "changelist", trouble=trouble)
        return self._with_a_code(request, off)

    def _with_a_code(self, request: HttpRequest, verb: Any) -> HttpResponse:
        """Asks for a code first, so that a stranger at a signed-in screen can change nothing."""
        form = CodeForm(request.POST, auto_id=f"id_{request.POST.get('for', '')[:8]}_%s")
        if form.is_valid():
            try:
                second_factor.check(access.person(request), form.cleaned_data["code"])
            except second_factor.Refused as error:
                form.add_error("code", str(error))
        return verb(access.person(request)) if form.is_valid() else self._page(request, form=form)

    def require_of_all(self, request: HttpRequest) -> HttpResponse:
        self.require(request, "sign_in_rules")
        user, required = access.person(request), request.POST.get("required") == "1"
        if required and not second_factor.is_on(user):
            trouble = _("Set up your own second factor first, to be sure that it works here.")
            return self.back_to(request, "changelist", trouble=trouble)
        second_factor.require(required, by=user, now=clock.now())
        self._log(request, f"Second factor {'required for everyone' if required else 'optional'}")
        said = (
            _("Required: people without one set it up on their next page.")
            if required
            else _("Each person chooses.")
        )
        return self.back_to(request, "changelist", said=said)

    def check_view(self, request: HttpRequest) -> HttpResponse:
        """The second step of signing in."""
        form, to = CodeForm(request.POST or None), _next(request)
        if second_factor.owed_by(request) != second_factor.CHECK:
            return HttpResponseRedirect(to)
        if request.method == "POST" and form.is_valid():
            try:
                device = second_factor.check(access.person(request), form.cleaned_data["code"])
            except second_factor.Refused as error:
                form.add_error("code", str(error))
            else:
                _let_in(request, device)
                return HttpResponseRedirect(to)
        return self.page(
            request, "webhooks/second_factor_check.html", title=_("Second factor"), form=form, next=to,
            status=400 if form.is_bound else 200,
        )  # fmt: skip

    def _log(self, request: HttpRequest, what: str) -> None:
        rule, _ = SignInRule.objects.get_or_create(pk=1)
        self.log_change(request, rule, what)

    def _page(
        self, request: HttpRequest, *, form: CodeForm | None = None, fresh: list[str] | None = None
    ) -> HttpResponse:
        user = access.person(request)
        device = second_factor.device_of(user)
        manages = access.may(user, "sign_in_rules") and not second_factor.owed_by(request)
        begun = None if device else second_factor.begun(user)
        return self.page(
            request, "webhooks/second_factor.html", title=_("Second factor"), status=400 if form else 200, device=device,
            begun=begun, picture=_picture(begun) if begun else "", key=_key(begun) if begun else "", fresh=fresh,
            form=form or CodeForm(), off=CodeForm(auto_id="id_off_%s"), left=second_factor.codes_left(user),
            required=second_factor.is_required(), manages=manages, people=_people() if manages else [],
            rule=SignInRule.objects.select_related("changed_by").filter(pk=1).first(),
            urls={verb: self.url(verb) for verb in VERBS},
        )  # fmt: skip


def _let_in(request: HttpRequest, device: Any) -> None:
    """Changes the session key, so that a key stolen before the second factor is worth nothing."""
    django_otp.login(request, device)
    request.session.cycle_key()


def _next(request: HttpRequest) -> str:
    to = request.POST.get("next") or request.GET.get("next") or ""
    safe = url_has_allowed_host_and_scheme(to, {request.get_host()}, require_https=request.is_secure())
    return to if safe else reverse(settings.LOGIN_REDIRECT_URL)


def _picture(device: SecondFactor) -> SafeString:
    """The QR code as SVG inside the page: the secret appears in no URL."""
    code = segno.make(device.config_url, error="m")
    return mark_safe(code.svg_inline(scale=4, dark="#000", light="#fff", title=_("QR code for your app")))  # noqa: S308


def _key(device: SecondFactor) -> str:
    """For typing by hand: base32 in groups of four."""
    text = device.base32
    return " ".join(text[start : start + 4] for start in range(0, len(text), 4))


def _people() -> list[User]:
    has = SecondFactor.objects.filter(user=OuterRef("pk"), confirmed=True)
    people = User.objects.filter(is_active=True, is_staff=True).annotate(has_factor=Exists(has))
    return list(people.order_by("has_factor", "username"))
