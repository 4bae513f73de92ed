"""Comments on a conversation: kept here, posted in Chatwoot as one private note if wanted, and mentions that notify people.

A mention is @ and a user name. Only people who may see the conversation are notified.
"""

import re
from collections.abc import Iterable
from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from webhooks.accounts import access
from webhooks.models import Conversation

from ..models import Comment
from . import follow_ups, notices
from .states import Refused

MOST = 1000
MENTION = re.compile(
    r"(?<![\w.@])@([\w.+-]*\w)"
)  # not the middle of an email address, nor a full stop after the name


def add(
    about: Conversation, *, by: User, text: str, in_chatwoot: bool, now: datetime
) -> tuple[Comment, list[User], list[str]]:
    """Returns the comment, who is notified, and the names that mean nobody here. Raises Refused."""
    if not access.may(by, "drafts"):
        raise Refused("forbidden", _("Only people who answer customers can comment."))
    text = text.replace("\r\n", "\n").strip()
    if not text:
        raise Refused("text_required", _("Enter a comment."))
    if len(text) > MOST:
        raise Refused(
            "text_required",
            _("A comment has at most %(most)s characters; this one has %(n)s.")
            % {"most": MOST, "n": len(text)},
        )
    names = list(dict.fromkeys(MENTION.findall(text)))
    people = _people(names, about)
    with transaction.atomic():
        row = Comment.objects.create(conversation=about, by=by, at=now, text=text, in_chatwoot=in_chatwoot)
        if in_chatwoot:
            follow_ups.note_of_comment(row, now=now)
        notices.mentioned(row, people)
    known = {person.get_username() for person in people}
    return row, people, [name for name in names if name not in known]


def _people(names: Iterable[str], about: Conversation) -> list[User]:
    users = User.objects.filter(username__in=names, is_active=True).order_by("username")
    return [user for user in users if access.may(user, "drafts") and _sees(user, about)]


def _sees(user: User, about: Conversation) -> bool:
    mine = access.in_inboxes_of(user, path="inbox")
    return Conversation.objects.filter(mine, pk=about.pk).exists()
