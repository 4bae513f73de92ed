"""Who waits: a function of the messages. The customer's ones after the last answer by a person.

A form of ours that the customer fills in is theirs as of then, though Chatwoot counts it nowhere: it holds their words.
"""

from datetime import UTC, datetime, timedelta

from django.db.models import Q, QuerySet

from ..models import Conversation, Inbox, Message
from . import first_seen, fold

CLOSED = ("resolved",)
SEVEN_DAYS = ("Channel::FacebookPage", "Channel::Instagram")
REOPENS_WITHIN = timedelta(seconds=30)  # of a customer's message, where Chatwoot's own queue is not late
AT_ONCE = datetime(2000, 1, 1, tzinfo=UTC)
SEEN = ("conversation_id", "created_at", "message_id", "is_person_answer", "submitted_at")
HAS_SUBMITTED = "has_submitted"  # the conversation's register: some form of ours was filled in
TURN = 8  # messages read at once: most customers are answered within fewer
COUNTS = Q(is_customer_message=True) | Q(is_person_answer=True)


def refresh(conversation: Conversation, *, known: Message | None = None) -> None:
    """Not saved. known: a message in hand. Pending and snoozed conversations wait as open ones do; one that a bot has does not.

    The clocks follow in the same transaction; if they cannot, the sweep looks at once.
    """
    first, last = _turn(conversation)
    _learn_permission(conversation, last)
    if HAS_SUBMITTED in conversation.registers:
        first, last = _with_submitted(conversation, [one for one in (first, last) if one])
    if conversation.status in CLOSED or conversation.deleted_at or is_with_bot(conversation):
        first = last = None
    conversation.waiting_since = first.said_at if first else None
    conversation.waiting_message = known if known and last and known.pk == last.pk else last
    conversation.clocks_look_at = AT_ONCE


def _turn(conversation: Conversation) -> tuple[Message | None, Message | None]:
    """The first and the last message of the customer since the last answer. Read from the newest back, a turn at a time."""
    counted = conversation.messages.filter(COUNTS).order_by("-created_at", "-message_id").only(*SEEN)
    newest = list(counted[:TURN])
    waiting = _until_answer(newest)
    if len(waiting) == TURN:  # unanswered for long
        return _since_answer(counted).last(), waiting[0]
    return (waiting[-1], waiting[0]) if waiting else (None, None)


def _with_submitted(
    conversation: Conversation, waiting: list[Message]
) -> tuple[Message | None, Message | None]:
    """The same with the forms that were filled in since the last answer; such a form is no answer to itself."""
    answers = (
        conversation.messages.filter(is_person_answer=True).order_by("-created_at", "-message_id").only(*SEEN)
    )
    answer = answers.first()
    forms = conversation.messages.filter(submitted_at__isnull=False).only(*SEEN)
    since = [
        form
        for form in forms
        if answer is None or form.pk == answer.pk or _place(form) > _place(answer, sent=True)
    ]
    found = sorted([*waiting, *since], key=_place)
    return (found[0], found[-1]) if found else (None, None)


def _place(message: Message, *, sent: bool = False) -> tuple[datetime, int]:
    """By what messages are ordered. sent: of a form, when we sent it."""
    return message.created_at if sent else message.said_at, message.message_id


def _until_answer(newest: list[Message]) -> list[Message]:
    answers = (place for place, message in enumerate(newest) if message.is_person_answer)
    return newest[: next(answers, len(newest))]


def _since_answer(counted: QuerySet[Message]) -> QuerySet[Message]:
    answer = counted.filter(is_person_answer=True).first()
    if answer is None:
        return counted
    same_time = Q(created_at=answer.created_at, message_id__gt=answer.message_id)
    return counted.filter(Q(created_at__gt=answer.created_at) | same_time)


def _learn_permission(conversation: Conversation, last: Message | None) -> None:
    """Whether Meta lets this inbox answer for seven days: of the newest that was said between a day and a week after."""
    inbox, said_at = conversation.inbox, conversation.can_reply_at
    if not (inbox and inbox.channel in SEVEN_DAYS and said_at and last):
        return
    since = said_at - last.created_at
    if timedelta(days=1) < since < timedelta(days=7) and inbox.human_agent != conversation.can_reply:
        Inbox.objects.filter(pk=inbox.pk).update(human_agent=conversation.can_reply)


def is_with_bot(conversation: Conversation) -> bool:
    """A bot or an assistant answers there: by its assignee, or because it has been pending for one all the time."""
    assignee_kind = fold.values(conversation.registers).get("assignee_kind")
    if assignee_kind == fold.BOT:
        handed_over = conversation.status_changes.filter(previous="pending", current="open")
        return conversation.status != "open" or not handed_over.exists()
    if conversation.status != "pending":
        return False
    became = conversation.status_changes.filter(current="pending").order_by("-at", "-pk").first()
    if became is None:  # pending since it began, unless something shows that a person has had it
        had = assignee_kind == fold.USER or _was_last(conversation) in ("open", "snoozed")
        return not (had or conversation.messages.filter(is_person_answer=True).exists())
    # Where a bot is active, a message from the customer turns a resolved conversation pending, not open.
    reopening = conversation.messages.filter(
        kind=Message.Kind.INCOMING, created_at__gte=became.at - REOPENS_WITHIN, created_at__lte=became.at + REOPENS_WITHIN
    )  # fmt: skip
    return became.previous == "resolved" and reopening.exists()


def _was_last(conversation: Conversation) -> str:
    """The status that it was seen with beside pending, though no event told of the change. Empty: it had no other."""
    seen = [status for _, status in first_seen.of(conversation.registers, "status") if status != "pending"]
    return str(seen[-1]) if seen else ""
