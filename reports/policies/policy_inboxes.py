"""Inboxes as policies name them: by Chatwoot's number, which is unique within one account only.

A number alone is the inbox that had it first, so that a second account changes nothing; another account's is written with
its source: "acme/2".
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from django.contrib.auth.models import User
from django.utils.translation import gettext as _

from webhooks.accounts import access
from webhooks.models import Inbox

NONE = frozenset({0})  # of those named none is known yet; no inbox has this key


class Known(NamedTuple):
    key: int  # our row's
    slug: str
    number: int
    name: str


class PolicyInboxes:
    """Read once for a page, or a batch. person: only the inboxes that this person sees are named."""

    def __init__(self, person: User | None = None) -> None:
        self.known = [
            Known(*row)
            for row in Inbox.objects.order_by("pk").values_list("pk", "source__slug", "inbox_id", "name")
        ]
        self._by_number: dict[int, list[Known]] = defaultdict(list)
        for one in self.known:
            self._by_number[one.number].append(one)
        keys = {one.key for one in self.known}
        if person is not None:
            keys &= set(access.inboxes_of(person).values_list("pk", flat=True))
        self.seen = [one for one in self.known if one.key in keys]

    def keys(self, named: Iterable[int | str]) -> frozenset[int]:
        """Our rows' keys. Empty where none is named: that means all."""
        wanted = list(named)
        found = frozenset(one.key for each in wanted if (one := self.find(each)))
        return found or (NONE if wanted else frozenset())

    def find(self, named: int | str) -> Known | None:
        slug, _, number = str(named).rpartition("/")
        known = self._by_number.get(int(number), [])
        return next((one for one in known if slug in ("", one.slug)), None)

    def hides(self, named: int | str) -> bool:
        one = self.find(named)
        return one is not None and one not in self.seen

    def written(self, one: Known) -> int | str:
        """How a policy names it."""
        return one.number if self._by_number[one.number][0] == one else f"{one.slug}/{one.number}"

    def called(self, named: int | str) -> str:
        """Its name, with its source where several accounts have that number."""
        one = self.find(named)
        if one is None or one not in self.seen:
            return _("Inbox %(number)s") % {"number": named}
        return f"{one.name} ({one.slug})" if len(self._by_number[one.number]) > 1 else one.name

    def unclear(self, named: int | str) -> list[str]:
        """What to write instead of a number that several accounts have."""
        known = self._by_number.get(named, []) if isinstance(named, int) else []
        return [f"{one.slug}/{one.number}" for one in known] if len(known) > 1 else []
