"""A person's own settings: the time zone in which they read times, and what follows a decision."""

from functools import cache
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from django.conf import settings
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import User

from ..models import Profile

AREAS = (
    "Africa",
    "America",
    "Antarctica",
    "Arctic",
    "Asia",
    "Atlantic",
    "Australia",
    "Europe",
    "Indian",
    "Pacific",
)


class UserBackend(ModelBackend):
    """Every page needs its reader's zone and inboxes: they are read with the user, in one statement."""

    def get_user(self, user_id: Any) -> User | None:
        user = (
            User.objects.select_related("profile", "membership")
            .defer("profile__chat_url")
            .filter(pk=user_id)
            .first()
        )
        return user if user and self.user_can_authenticate(user) else None


def zone_of(user: User) -> ZoneInfo | None:
    """None where the site's own holds: nothing was chosen, or a zone that this machine no longer knows."""
    profile: Profile | None = getattr(user, "profile", None)
    name = profile.time_zone if profile else ""
    return ZoneInfo(name) if name in available() else None


def leads_on(user: User) -> bool:
    """Whether the next customer is opened after a decision."""
    profile: Profile | None = getattr(user, "profile", None)
    return profile is None or profile.leads_on


def choose(user: User, *, zone: str, leads_on: bool) -> None:
    """zone: empty for the site's own."""
    Profile.objects.update_or_create(user=user, defaults={"time_zone": zone, "leads_on": leads_on})


@cache
def available() -> frozenset[str]:
    return frozenset(available_timezones())


def choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """By area, as a menu shows them; without the old names that mean the same."""
    areas: dict[str, list[tuple[str, str]]] = {
        "Site": [("", f"The site's: {settings.TIME_ZONE}"), ("UTC", "UTC")]
    }
    for name in sorted(available()):
        area, _, place = name.partition("/")
        if area in AREAS and place:
            areas.setdefault(area, []).append((name, place.replace("_", " ").replace("/", ", ")))
    return list(areas.items())
