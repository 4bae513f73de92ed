"""Saved filters of the queue: a person's own, and those that Leads share with everyone who sees their inbox."""

from collections.abc import Iterable

from django.contrib.auth.models import User
from django.db.models import Q
from django.http import QueryDict
from django.utils.translation import gettext as _

from webhooks.accounts import access

from ..models import QueueFilter
from ..replies.states import Refused

MOST = 12  # of a person


def seen_by(user: User) -> list[QueueFilter]:
    """By name. A shared filter of an inbox is for those who see the inbox; it shows everyone their own rows."""
    found = QueueFilter.objects.filter(Q(user=user) | Q(is_shared=True)).select_related("user")
    return _in_inboxes_of(user, found)


def _in_inboxes_of(user: User, found: Iterable[QueueFilter]) -> list[QueueFilter]:
    inboxes = {kept.pk: QueryDict(kept.query).get("inbox", "") for kept in found if kept.user_id != user.pk}
    if not any(inboxes.values()):
        return list(found)
    seen = {"", *map(str, access.inboxes_of(user).values_list("pk", flat=True))}
    return [kept for kept in found if inboxes.get(kept.pk, "") in seen]


def seen(user: User, key: int) -> QueueFilter:
    """Raises Refused: it is gone, or not for this person."""
    for kept in seen_by(user):
        if kept.pk == key:
            return kept
    raise Refused("not_found", _("This filter was deleted."))


def may_share(user: User) -> bool:
    return access.may(user, "decide")


def may_change(kept: QueueFilter, user: User) -> bool:
    """Its owner; a shared one also everyone who may share."""
    return kept.user_id == user.pk or (kept.is_shared and may_share(user))


def save(*, name: str, query: str, shared: bool, by: User) -> None:
    """A filter of the same name and person is replaced. Raises Refused: they have too many, or may not share."""
    if QueueFilter.objects.filter(user=by).exclude(name=name).count() >= MOST:
        detail = _("You have %(most_filters)s saved filters. Delete one first.") % {"most_filters": MOST}
        raise Refused("too_many", detail)
    if shared:
        _require_lead(by)
    QueueFilter.objects.update_or_create(user=by, name=name, defaults={"query": query, "is_shared": shared})


def share(kept: QueueFilter, *, by: User) -> None:
    _require_lead(by)
    _set_shared(kept, is_shared=True, by=by)


def unshare(kept: QueueFilter, *, by: User) -> None:
    _set_shared(kept, is_shared=False, by=by)


def delete(kept: QueueFilter, *, by: User) -> None:
    _require_change(kept, by)
    kept.delete()


def _set_shared(kept: QueueFilter, *, is_shared: bool, by: User) -> None:
    _require_change(kept, by)
    kept.is_shared = is_shared
    kept.save(update_fields=["is_shared"])


def _require_lead(user: User) -> None:
    if not may_share(user):
        raise Refused("not_yours", _("Only a Lead can share a filter."))


def _require_change(kept: QueueFilter, user: User) -> None:
    if not may_change(kept, user):
        raise Refused("not_yours", _("Only its owner or a Lead can change this filter."))
