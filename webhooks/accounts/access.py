"""Who may do what: one table of rights by group, and the inboxes a person sees. Enforced in QuerySets and verbs."""

from datetime import timedelta
from typing import Any

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.contrib.auth.models import AnonymousUser, Group, User
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from knox.auth import TokenAuthentication as KnoxTokenAuthentication
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from ..database import clock
from ..models import ApiToken, Inbox

AGENT, LEAD, MANAGER, OPERATOR = "Agent", "Lead", "Manager", "Operator"
GROUPS = (AGENT, LEAD, MANAGER, OPERATOR)

RIGHTS: dict[str, frozenset[str]] = {
    "drafts": frozenset({AGENT, LEAD, MANAGER}),  # see, claim, edit, propose
    "decide": frozenset({LEAD, MANAGER}),  # approve, reject, escalate, parked drafts
    "learning": frozenset({LEAD, MANAGER}),  # learning signals with names; everyone sees their own
    "articles": frozenset({AGENT, LEAD, MANAGER}),  # see, propose changes
    "edit_articles": frozenset({LEAD, MANAGER}),  # decide about changes, import, saved replies
    "inbox_reports": frozenset({LEAD, MANAGER}),  # SLA report and week of one's own inboxes
    "reports": frozenset({MANAGER}),  # exports, recipients, notes, the saved report of every inbox
    "inboxes": frozenset({MANAGER}),  # drafting, and whether Agents may approve there
    "risk_rules": frozenset({MANAGER}),  # change them; everyone who sees drafts may view them
    "calendars": frozenset({MANAGER}),  # change them; everyone who sees drafts may view them
    "escalation_rules": frozenset({MANAGER}),  # change them; everyone who sees drafts may view them
    "sla_policies": frozenset({MANAGER}),  # change them; everyone who sees drafts may view them
    "privacy": frozenset({MANAGER}),  # a person's data, retention
    "sign_in_rules": frozenset({MANAGER}),  # whether everyone needs a second factor
    "switches": frozenset({MANAGER, OPERATOR}),
    "alert_rules": frozenset({MANAGER, OPERATOR}),
    "deliveries": frozenset({OPERATOR}),
    "retry_policies": frozenset({MANAGER, OPERATOR}),
    "connections": frozenset(),  # superusers only
}
LOOK, PROPOSE = "look", "propose"
# What a program may do with a service token, whatever its user's groups. Whatever is not listed, it may not.
SERVICE_SCOPES: dict[str, frozenset[str]] = {
    "drafts": frozenset({LOOK, PROPOSE}),
    "articles": frozenset({LOOK, PROPOSE}),
    "learning": frozenset({LOOK}),
}


# A user that stands for a program, not for somebody: nothing is given to it.
PROGRAM = Q(password__startswith=UNUSABLE_PASSWORD_PREFIX, auth_token_set__service=True)
USE_NOTED_EVERY = timedelta(minutes=1)


class TokenAuthentication(KnoxTokenAuthentication):
    """Authorization: Token ... (hashed at rest)."""

    def validate_user(self, token: ApiToken) -> Any:
        """The token's user. Notes the use at most once a minute, so that reading does not mean writing each time."""
        found, now = super().validate_user(token), clock.now()
        if token.expiry and token.expiry <= now:
            expired = f"This token expired on {timezone.localtime(token.expiry):%-d %b %Y}."
            raise AuthenticationFailed(
                f"{expired} Create a new one with manage.py create_api_token.", "token_expired"
            )
        if token.last_used_at is None or token.last_used_at < now - USE_NOTED_EVERY:
            ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
        return found

    def _cleanup_token(self, token: ApiToken) -> bool:
        """knox deletes expired tokens. Here they stay listed until revoked, to explain why a program now fails."""
        return False

    def authenticate_credentials(self, token: bytes) -> Any:
        if not token.isalnum():  # knox decodes it and queries for it, and would fail on invalid UTF-8 or NUL
            raise AuthenticationFailed("Invalid token.")
        return super().authenticate_credentials(token)


def may(user: User | AnonymousUser, right: str) -> bool:
    if not user.is_active or not user.is_authenticated:
        return False
    return user.is_superuser or bool(RIGHTS[right] & group_names(user))


def group_names(user: User) -> set[str]:
    """Cached on the user object: a request checks many rights of the same user."""
    names: set[str] | None = getattr(user, "_group_names", None)
    if names is None:
        names = set(user.groups.values_list("name", flat=True))
        setattr(user, "_group_names", names)  # noqa: B010  (not a field of the model)
    return names


def is_service(request: Request) -> bool:
    return bool(getattr(request.auth, "service", False))


def person(request: Request | HttpRequest) -> User:
    """The signed-in user. The permission classes have already refused anonymous requests."""
    assert isinstance(request.user, User)  # noqa: S101  (for the type checker)
    return request.user


def has_right(right: str) -> type[BasePermission]:
    """A DRF permission for one right of the table."""

    class HasRight(BasePermission):
        def has_permission(self, request: Request, view: Any) -> bool:
            if not is_service(request):
                return may(request.user, right)
            if _service_act(request, view) not in SERVICE_SCOPES.get(right, frozenset()):
                raise PermissionDenied(
                    "Service tokens can only read and propose. Only people can decide.",
                    "service_token",
                )
            return request.user.is_active

    return HasRight


def _service_act(request: Request, view: Any) -> str:
    """Looking, proposing, or anything else: a verb on what is there already, which is a decision."""
    if request.method in SAFE_METHODS:
        return LOOK
    return PROPOSE if getattr(view, "action", "") in getattr(view, "proposes", ("create",)) else "decide"


def inboxes_of(user: User) -> QuerySet[Inbox]:
    """The inboxes this user sees: all for superusers, else those of the membership row; without one, none."""
    if user.is_superuser or _sees_all(user):
        return Inbox.objects.all()
    return Inbox.objects.filter(memberships__user=user)


def sees_every_inbox(user: User) -> bool:
    """Whether the user sees all inboxes, listed one by one or through all_inboxes."""
    if user.is_superuser or _sees_all(user):
        return True
    return inboxes_of(user).count() == Inbox.objects.count()


def _sees_all(user: User) -> bool:
    membership = getattr(user, "membership", None)
    return bool(membership and membership.all_inboxes)


def in_inboxes_of(user: User, *, path: str) -> Q:
    """A filter for rows whose inbox (at `path`) this user sees; superusers also see rows without an inbox."""
    if user.is_superuser or _sees_all(user):
        return Q()
    return Q(**{f"{path}__memberships__user": user})


def seed_groups() -> None:
    for name in GROUPS:
        Group.objects.get_or_create(name=name)
