"""Reads the facts that risk rules may check a reply against, and applies the rules to it."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from webhooks.mirror import message_parts
from webhooks.models import Conversation, Message

from .. import inbox_settings
from ..learning import customer_turn, learning_signals
from ..models import Article, ArticleVersion, Draft
from ..models.risk_kinds import CUSTOMER
from ..search import articles
from ..text import addresses
from . import checks, rule_sets

MOST_SOURCES = 50  # the newest messages, searched for the facts of a reply
MOST_MESSAGES = 500  # the newest messages, searched for the customer's own data


def flags(
    text: str, *, message: Message, evidence: Any, confidence: float | None, recipients: dict[str, Any] | None = None,
    rules: Sequence[checks.Rule] | None = None, machine_text: str = "", files: Sequence[str] = (),
) -> list[checks.Flag]:  # fmt: skip
    """The flags of a reply with this text to this message, by these rules, or else by the current ones.

    machine_text: as a machine proposed it, if one did: only what it wrote needs a source. files: names of what is attached.
    """
    rules = rule_sets.active() if rules is None else rules
    if not rules:
        return []
    conversation = message.conversation
    facts = checks.Facts(
        customer="\n\n".join(customer_turn.texts(message)),
        known=list(_known(message, evidence)) if checks.has_personal_data(text) else [],
        labels=conversation.labels if isinstance(conversation.labels, list) else [],
        confidence=confidence,
        machine_text=machine_text,
        files=files,
        languages=articles.languages() if machine_text else (),
        sources=list(_sources(conversation, evidence)) if machine_text else [],
        **_people(message, recipients or {}),
    )
    return rule_sets.strictest(checks.flags(text, facts, rules))


def flags_of(
    draft: Draft, *, text: str | None = None, recipients: dict[str, Any] | None = None, carried: Draft | None = None,
    files: Sequence[str] | None = None,
) -> list[checks.Flag]:  # fmt: skip
    """By the rules as they are and as they were at its proposal: what was flagged then stays so.

    carried: the draft that this one's text was carried over from: what was flagged there stays so here.
    """
    rules = rule_sets.of(draft)
    if files is None:
        files = list(draft.attachments.values_list("name", flat=True))
    found = flags(
        draft.body if text is None else text, message=draft.in_reply_to, evidence=draft.evidence,
        confidence=draft.confidence, recipients=draft.recipients if recipients is None else recipients, rules=rules,
        machine_text=machine_text_of(carried or draft), files=files,
    )  # fmt: skip
    lasting = {rule.name for rule in rules if _is_lasting(rule)}
    earlier = [*draft.risk, *(carried.risk if carried else [])]
    return rule_sets.strictest([*found, *(flag for flag in earlier if flag.get("rule") in lasting)])


def labelled(draft: Draft) -> list[checks.Flag]:
    """Its flags of a label. They stay on whatever answers the same message: a label is taken off in Chatwoot by anybody."""
    names = {rule.name for rule in rule_sets.of(draft) if rule.kind == "label"}
    return [flag for flag in draft.risk if flag.get("rule") in names]


def machine_text_of(draft: Draft) -> str:
    """What a machine proposed, if one did. A person answers for their own words."""
    return "" if draft.author_kind == Draft.AuthorKind.PERSON else draft.proposed_text


def _is_lasting(rule: checks.Rule) -> bool:
    """Whether it judges what no change of the reply takes back: a label that was removed since, or the customer's words."""
    return rule.kind in ("label", "confidence", "injection") or (
        rule.kind == "words" and rule.where == CUSTOMER
    )


def _people(message: Message, recipients: dict[str, Any]) -> dict[str, Any]:
    """Who is written to, and who has taken part; nothing for chats."""
    listed = [*(recipients.get("to") or []), *(recipients.get("cc") or [])]
    mail = _mail(message.content_attributes)
    named = addresses.of_header([*_listed(mail.get("to")), *_listed(mail.get("cc"))]) if mail else []
    if not listed:
        return {"named": len(named)} if "to" in recipients else {}
    return {"recipients": listed, "named": len(named), "takes_part": list(_takes_part(message.conversation))}


def _takes_part(conversation: Conversation) -> Iterator[str]:
    if conversation.contact:
        yield conversation.contact.email
    if conversation.inbox:
        yield conversation.inbox.email
    wrote = conversation.messages.filter(is_customer_message=True).order_by("-created_at", "-message_id")
    for attributes in wrote.values_list("content_attributes", flat=True)[:MOST_MESSAGES]:
        yield from addresses.of_header(_listed(_mail(attributes).get("from")))
    sent = conversation.drafts.filter(status=Draft.Status.SENT).values_list("approved_recipients", flat=True)
    for earlier in sent:
        yield from (*(earlier.get("to") or []), *(earlier.get("cc") or []))


def _mail(attributes: Any) -> dict[str, Any]:
    mail = attributes.get("email") if isinstance(attributes, dict) else None
    return mail if isinstance(mail, dict) else {}


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _known(message: Message, evidence: Any) -> Iterator[str]:
    """Texts whose personal data is expected: public messages, participants, cited articles and the inbox's own texts.

    Articles as they stood when the customer wrote: nobody makes data known by publishing it for this one reply.
    """
    conversation = message.conversation
    if conversation.contact:
        yield " · ".join((conversation.contact.email, conversation.contact.phone_number))
    public = conversation.messages.filter(private=False).order_by("-created_at", "-message_id")
    for content, attributes in public.values_list("content", "content_attributes")[:MOST_MESSAGES]:
        yield content
        yield from _addressed(attributes)
    cited = ArticleVersion.objects.filter(
        article__slug__in=learning_signals.cited(evidence), approved_at__lte=message.said_at
    )
    stood = {version.article_id: version.body for version in cited.order_by("number")}
    yield from stood.values()
    if conversation.inbox:
        row = inbox_settings.of(conversation.inbox_id)
        yield from (conversation.inbox.email, row.greeting, row.signature)


def _sources(conversation: Conversation, evidence: Any) -> Iterator[str]:
    """Where a machine may have its facts from: the cited versions, the public messages with what was sent along, our frame."""
    yield from cited_texts(evidence)
    public = conversation.messages.filter(private=False, deleted=False).order_by("-created_at", "-message_id")
    for message in public[:MOST_SOURCES]:
        yield f"{message.content}\n{message_parts.words(message)}"
    row = inbox_settings.of(conversation.inbox_id)
    contact = conversation.contact
    known = (contact.name, contact.email, contact.phone_number) if contact else ()
    yield "\n".join((row.greeting, row.signature, *known, *map(str, conversation.custom_attributes.values())))


def cited_texts(evidence: Any) -> Iterator[str]:
    """The articles in the versions that are cited; without a version, the newest one of a live article."""
    cited = learning_signals.cited(evidence)
    rows = ArticleVersion.objects.filter(article__slug__in=cited).select_related("article")
    for row in rows:
        version, article = cited[row.article.slug], row.article
        newest = article.status == Article.Status.LIVE and row.number == article.version
        if row.number == version or (version is None and newest):
            yield f"{row.title}\n{row.question}\n{row.body}"


def _addressed(attributes: Any) -> Iterable[str]:
    """The addresses that an email came from and went to."""
    mail = attributes.get("email") if isinstance(attributes, dict) else None
    named = [mail.get(key) for key in ("from", "to", "cc", "reply_to")] if isinstance(mail, dict) else []
    for value in named:
        yield from (str(part) for part in (value if isinstance(value, list) else [value]) if part)
