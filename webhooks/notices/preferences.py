"""Which notices a person receives, on which channel, and how often. Without a profile: everything by email."""

from collections.abc import Iterable
from datetime import timedelta

from django.contrib.auth.models import User

from ..models import Profile, notice_kinds

QUIET_MINUTES = (5, 10, 30, 60, 240)


def of(user: User) -> Profile:
    """Read from the database, not from the user: a request leaves the secret address out."""
    return Profile.objects.filter(user=user).first() or Profile(user=user)


def wanted(profile: Profile, kind: str) -> list[str]:
    """The channels of this kind that are switched on and can reach the person."""
    reaches = {notice_kinds.EMAIL: bool(profile.user.email), notice_kinds.CHAT: bool(profile.chat_url)}
    return [channel for channel, able in reaches.items() if able and is_on(profile, kind, channel)]


def is_on(profile: Profile, kind: str, channel: str) -> bool:
    return f"{kind}:{channel}" not in profile.muted


def quiet(profile: Profile) -> timedelta:
    return timedelta(minutes=profile.quiet_minutes)


def choose(
    user: User, *, on: Iterable[tuple[str, str]], quiet_minutes: int, chat_url: str | None = None
) -> None:
    """on: pairs of kind and channel; everything else is muted. chat_url None: as before."""
    chosen = set(on)
    muted = [
        f"{kind}:{channel}"
        for kind in notice_kinds.KINDS
        for channel in notice_kinds.CHANNELS
        if (kind, channel) not in chosen
    ]
    facts = {"muted": muted, "quiet_minutes": quiet_minutes}
    Profile.objects.update_or_create(
        user=user, defaults=facts if chat_url is None else facts | {"chat_url": chat_url}
    )
