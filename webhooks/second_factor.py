"""Verbs on a person's second factor: a code from an app, with recovery codes for when the app is gone.

Optional for each person until a Manager requires it of everybody. django-otp slows guesses down and takes a code once.
"""

from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction
from django_otp import devices_for_user, verify_token
from django_otp.models import Device
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from .models import SignInRule

RECOVERY_CODES = 10
APP_DIGITS = 6  # recovery codes are longer
CHECK, SET_UP = "check", "changelist"  # the pages


class Refused(Exception):
    """In words for the person."""


def device_of(user: User) -> TOTPDevice | None:
    return TOTPDevice.objects.filter(user=user, confirmed=True).first()


def is_required() -> bool:
    return SignInRule.objects.filter(pk=1, second_factor_required=True).exists()


def owed(user: User, *, verified: bool) -> str:
    """What this person must do before anything else: give a code, set a second factor up, or nothing."""
    if verified:
        return ""
    if device_of(user):
        return CHECK
    return SET_UP if is_required() else ""


def begin(user: User) -> TOTPDevice:
    """A new secret, worth nothing until a code proves that an app has it."""
    if device_of(user):
        raise Refused("You have a second factor already: turn it off first.")
    TOTPDevice.objects.filter(user=user).delete()
    return TOTPDevice.objects.create(user=user, name="app", confirmed=False)


def begun(user: User) -> TOTPDevice | None:
    return TOTPDevice.objects.filter(user=user, confirmed=False).first()


def confirm(user: User, code: str) -> tuple[TOTPDevice, list[str]]:
    """The device, on from now, and the recovery codes."""
    device = begun(user)
    if device is None:
        raise Refused("Start again: there is nothing to confirm.")
    _verify(user, device, code)
    with transaction.atomic():
        TOTPDevice.objects.filter(pk=device.pk).update(confirmed=True)
        device.refresh_from_db()
        return device, renew_codes(user)


def check(user: User, code: str) -> Device:
    """A code of the app, or a recovery code, which is used up by it."""
    wanted = TOTPDevice if len(_plain(code)) == APP_DIGITS else StaticDevice
    device = next((one for one in devices_for_user(user) if isinstance(one, wanted)), None)
    if device is None:
        raise Refused("This is no code of yours.")
    return _verify(user, device, code)


def renew_codes(user: User) -> list[str]:
    """Fresh recovery codes; the ones before open nothing any more."""
    with transaction.atomic():
        StaticDevice.objects.filter(user=user).delete()
        device = StaticDevice.objects.create(user=user, name="recovery")
        codes = [StaticToken.random_token() for _ in range(RECOVERY_CODES)]
        StaticToken.objects.bulk_create(StaticToken(device=device, token=code) for code in codes)
    return codes


def codes_left(user: User) -> int:
    return StaticToken.objects.filter(device__user=user).count()


def remove(user: User) -> None:
    """By the person, who gave a code for it, or by a superuser for somebody whose app and codes are gone."""
    with transaction.atomic():
        TOTPDevice.objects.filter(user=user).delete()
        StaticDevice.objects.filter(user=user).delete()


def require(required: bool, *, by: User, now: datetime) -> None:
    facts = {"second_factor_required": required, "changed_at": now, "changed_by": by}
    SignInRule.objects.update_or_create(pk=1, defaults=facts)


def _verify(user: User, device: Device, code: str) -> Device:
    found = verify_token(user, device.persistent_id, _plain(code))
    if found is None:  # guesses are slowed down: even a right code is refused so soon after a wrong one
        raise Refused(
            "This code is not right, or used already. Wait a few seconds, then take the one shown now."
        )
    return found


def _plain(code: str) -> str:
    return code.replace(" ", "").replace("-", "").lower()
