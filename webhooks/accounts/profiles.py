"""A person's own settings: language, the time zone in which they read times, and what follows a decision."""

from collections.abc import Iterable
from contextlib import AbstractContextManager
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from django.conf import settings
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import User
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ..models import Profile

AREAS = {
    "Africa": gettext_lazy("Africa"),
    "America": gettext_lazy("America"),
    "Antarctica": gettext_lazy("Antarctica"),
    "Arctic": gettext_lazy("Arctic"),
    "Asia": gettext_lazy("Asia"),
    "Atlantic": gettext_lazy("Atlantic"),
    "Australia": gettext_lazy("Australia"),
    "Europe": gettext_lazy("Europe"),
    "Indian": gettext_lazy("Indian"),
    "Pacific": gettext_lazy("Pacific"),
}


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


def language_of(user: User) -> str:
    """A code of settings.LANGUAGES. Empty where the browser decides: nothing was chosen, or a language since removed."""
    profile: Profile | None = getattr(user, "profile", None)
    return _known(profile.language) if profile else ""


def in_language_of(user: User) -> AbstractContextManager[None]:
    """For what is written to one person when their browser is not there to ask: without a choice, the site's language."""
    return translation.override(language_of(user) or settings.LANGUAGE_CODE)


def languages_of(users: Iterable[User]) -> dict[int, str]:
    """By user, in one statement: the language of what is written to each."""
    rows = Profile.objects.filter(user__in=users).values_list("user", "language")
    chosen = {user: _known(language) for user, language in rows}
    return {user.pk: chosen.get(user.pk) or settings.LANGUAGE_CODE for user in users}


def _known(language: str) -> str:
    return language if language in dict(settings.LANGUAGES) else ""


def leads_on(user: User) -> bool:
    """Whether the next customer is opened after a decision."""
    profile: Profile | None = getattr(user, "profile", None)
    return profile is None or profile.leads_on


def choose(user: User, *, zone: str, leads_on: bool, language: str = "") -> None:
    """zone: empty for the site's own. language: empty for the browser's."""
    facts = {"time_zone": zone, "leads_on": leads_on, "language": language}
    Profile.objects.update_or_create(user=user, defaults=facts)


@cache
def available() -> frozenset[str]:
    return frozenset(available_timezones())


def zone_choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """By area, as a menu shows them; without the old names that mean the same."""
    areas: dict[str, list[tuple[str, str]]] = {
        _("Site"): [("", _("The site's: %(zone)s") % {"zone": settings.TIME_ZONE}), ("UTC", "UTC")]
    }
    for name in sorted(available()):
        area, __, place = name.partition("/")
        if area in AREAS and place:
            areas.setdefault(str(AREAS[area]), []).append((name, place.replace("_", " ").replace("/", ", ")))
    return list(areas.items())


def language_choices() -> list[tuple[str, str]]:
    """Each language in its own words, so that everybody finds theirs."""
    return [("", _("As the browser asks")), *settings.LANGUAGES]
