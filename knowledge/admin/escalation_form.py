"""The form to escalate, the same wherever a person escalates from: its fields, its defaults, and how it is read."""

from typing import Any

from django.contrib.auth.models import User
from django.http import QueryDict

from webhooks.models import Conversation

from ..models import Escalation
from ..replies import escalations
from .draft_form import number

LEVEL, KIND = Escalation.Level.SECOND, Escalation.Kind.OTHER


def fields(conversation: Conversation, user: User, *, typed: Any) -> dict[str, Any]:
    """typed: what was entered so far, by field. The owner offered for a second level is never the person who escalates."""
    owner = number(str(typed.get("owner") or ""))
    return {
        "kinds": Escalation.Kind.choices, "levels": Escalation.Level.choices,
        "owners": escalations.owners(conversation), "reason": typed.get("reason") or "",
        "kind": typed.get("kind") or KIND.value, "level": number(str(typed.get("level") or "")) or LEVEL.value,
        "owner": owner or escalations.default_owner(conversation, level=LEVEL, by=user).pk,
    }  # fmt: skip


def read(sent: QueryDict | dict[str, str], conversation: Conversation) -> dict[str, Any]:
    """The arguments of the verbs. Whatever is missing or unknown is the default. owner None: the verb chooses."""
    level, kind = number(sent.get("level")), sent.get("kind", "")
    return {
        "reason": sent.get("reason", ""),
        "level": Escalation.Level(level) if level in Escalation.Level.values else LEVEL,
        "kind": kind if kind in Escalation.Kind.values else KIND.value,
        "owner": escalations.owners(conversation).filter(pk=number(sent.get("owner")) or 0).first(),
    }
