"""Verbs on a person's second factor: a code from an app, and recovery codes in case the app is lost.

Optional for each person until a Manager requires it for everyone. Guesses are throttled, and a code works once.
"""

from base64 import b32encode
from datetime import datetime
from os import urandom

from django.contrib.auth.models import User
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django_otp import verify_token

from ..models import SecondFactor, SignInRule
from . import access

RECOVERY_CODES = 10
CHECK, SET_UP = "check", "changelist"  # the pages
STEPS = {CHECK: (CHECK,), SET_UP: (SET_UP, "begin", "confirm")}  # the addresses of each page


class Refused(Exception):
    """The text says why, for the person."""


def device_of(user: User) -> SecondFactor | None:
    return SecondFactor.objects.filter(user=user, confirmed=True).first()


def is_on(user: User) -> bool:
    """Checked on every page, so it reads no secret."""
    return SecondFactor.objects.filter(user=user, confirmed=True).exists()


def is_required() -> bool:
    return SignInRule.objects.filter(pk=1, second_factor_required=True).exists()


def owed(user: User, *, verified: bool) -> str:
    """What this person must do before anything else: give a code, set a second factor up, or nothing."""
    if verified:
        return ""
    if is_on(user):
        return CHECK
    return SET_UP if is_required() else ""


def owed_by(request: HttpRequest) -> str:
    verified = getattr(request.user, "otp_device", None) is not None
    return owed(access.person(request), verified=verified)


def begin(user: User) -> SecondFactor:
    """A new secret. It has no effect until a code proves that an app has it."""
    if is_on(user):
        raise Refused(_("You already have a second factor: turn it off first."))
    SecondFactor.objects.filter(user=user).delete()
    return SecondFactor.objects.create(user=user, name="app", confirmed=False)


def begun(user: User) -> SecondFactor | None:
    return SecondFactor.objects.filter(user=user, confirmed=False).first()


def confirm(user: User, code: str) -> tuple[SecondFactor, list[str]]:
    """Turns it on. Returns the device and the recovery codes."""
    device = begun(user)
    if device is None:
        raise Refused(_("There is nothing to confirm: start again."))
    _verify(user, device, code)
    SecondFactor.objects.filter(pk=device.pk).update(confirmed=True)
    codes = renew_codes(user)
    device.refresh_from_db()
    return device, codes


def check(user: User, code: str) -> SecondFactor:
    """Accepts a code from the app, or a recovery code, which is then used up."""
    device = device_of(user)
    if device is None:
        raise Refused(_("This code is not valid."))
    return _verify(user, device, code)


def renew_codes(user: User) -> list[str]:
    """New recovery codes; the previous ones stop working."""
    codes = [b32encode(urandom(5)).decode().lower() for _ in range(RECOVERY_CODES)]
    SecondFactor.objects.filter(user=user, confirmed=True).update(recovery_codes=" ".join(codes))
    return codes


def codes_left(user: User) -> int:
    device = device_of(user)
    return len(device.codes) if device else 0


def remove(user: User) -> None:
    """Reads no secret, so it also works when ENCRYPTION_KEYS cannot read it."""
    SecondFactor.objects.filter(user=user).delete()


def require(required: bool, *, by: User, now: datetime) -> None:
    facts = {"second_factor_required": required, "changed_at": now, "changed_by": by}
    SignInRule.objects.update_or_create(pk=1, defaults=facts)


def _verify(user: User, device: SecondFactor, code: str) -> SecondFactor:
    found = verify_token(user, device.persistent_id, _plain(code))
    if found is None:  # guesses are throttled: even a correct code is refused right after a wrong one
        raise Refused(
            _("This code is wrong or was already used. Wait a few seconds, then enter the code shown now.")
        )
    return found


def _plain(code: str) -> str:
    return code.replace(" ", "").replace("-", "").lower()
