"""Who of the desk is who in Chatwoot: an approver and the same person there are one in the figures."""

from functools import cache
from typing import cast

from django.contrib.auth.models import User

from knowledge.models import ChatwootToken, Draft
from webhooks.mirror import identities, names

from .. import sla
from ..attainment.groupings import DESK


class Approvers:
    """Read once for a batch."""

    def __init__(self) -> None:
        self._found: dict[tuple[int, int], sla.Named] = {}
        self._by_email = cache(names.by_email)

    def of(self, draft: Draft, source: int) -> sla.Named:
        """By their own token, else by their address; never by a name."""
        user = cast(User, draft.decided_by)
        if (user.pk, source) not in self._found:
            self._found[user.pk, source] = self._named(user, source)
        return self._found[user.pk, source]

    def _named(self, user: User, source: int) -> sla.Named:
        name = str(user)
        token = ChatwootToken.objects.filter(user=user, source=source).first()
        if token:
            return sla.Named(f"{source}/{identities.USER}/{token.sender_id}", name)
        found = self._by_email(source).get(user.email.lower()) if user.email else None
        return sla.Named(f"{source}/{found}" if found else f"{DESK}/{user.pk}", name)
