"""Verbs on a person's second factor: a code from an app, with recovery codes for when the app is gone.

Optional for each person until a Manager requires it of everybody. Guesses are slowed down, and a code is taken once.
"""

from base64 import b32encode
from datetime import datetime
from os import urandom

from django.contrib.auth.models import User
from django_otp import verify_token

from ..models import SecondFactor, SignInRule

RECOVERY_CODES = 10
CHECK, SET_UP = "check", "changelist"  # the pages


class Refused(Exception):
    """In words for the person."""


def device_of(user: User) -> SecondFactor | None:
    return SecondFactor.objects.filter(user=user, confirmed=True).first()


def is_on(user: User) -> bool:
    """Asked at every page: no secret is read for it."""
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


def begin(user: User) -> SecondFactor:
    """A new secret, worth nothing until a code proves that an app has it."""
    if is_on(user):
        raise Refused("You have a second factor already: turn it off first.")
    SecondFactor.objects.filter(user=user).delete()
    return SecondFactor.objects.create(user=user, name="app", confirmed=False)


def begun(user: User) -> SecondFactor | None:
    return SecondFactor.objects.filter(user=user, confirmed=False).first()


def confirm(user: User, code: str) -> tuple[SecondFactor, list[str]]:
    """On from now; and the recovery codes."""
    device = begun(user)
    if device is None:
        raise Refused("Start again: there is nothing to confirm.")
    _verify(user, device, code)
    SecondFactor.objects.filter(pk=device.pk).update(confirmed=True)
    codes = renew_codes(user)
    device.refresh_from_db()
    return device, codes


def check(user: User, code: str) -> SecondFactor:
    """A code of the app, or a recovery code, which is used up by it."""
    device = device_of(user)
    if device is None:
        raise Refused("This is no code of yours.")
    return _verify(user, device, code)


def renew_codes(user: User) -> list[str]:
    """Fresh recovery codes; the ones before open nothing any more."""
    codes = [b32encode(urandom(5)).decode().lower() for _ in range(RECOVERY_CODES)]
    SecondFactor.objects.filter(user=user, confirmed=True).update(recovery_codes=" ".join(codes))
    return codes


def codes_left(user: User) -> int:
    device = device_of(user)
    return len(device.codes) if device else 0


def remove(user: User) -> None:
    """By the person, who gave a code for it, or for somebody whose app and codes are gone. Reads no secret."""
    SecondFactor.objects.filter(user=user).delete()


def require(required: bool, *, by: User, now: datetime) -> None:
    facts = {"second_factor_required": required, "changed_at": now, "changed_by": by}
    SignInRule.objects.update_or_create(pk=1, defaults=facts)


def _verify(user: User, device: SecondFactor, code: str) -> SecondFactor:
    found = verify_token(user, device.persistent_id, _plain(code))
    if found is None:  # guesses are slowed down: even a right code is refused so soon after a wrong one
        raise Refused(
            "This code is not right, or used already. Wait a few seconds, then take the one shown now."
        )
    return found


def _plain(code: str) -> str:
    return code.replace(" ", "").replace("-", "").lower()
