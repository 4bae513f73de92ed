"""The articles that a draft may be written from, and what a draft keeps of them as evidence."""

from collections.abc import Collection, Sequence
from typing import Any

from django.utils.translation import gettext as _

from webhooks.models import Message

from .. import inbox_settings
from ..models import Article
from ..search import confidence, evidence, search
from ..search.search import Answer, Result
from ..text import redaction
from ..text.words import words

MOST_ASKED = 300  # characters of the customer's words
LEAST_NAMING = 4  # letters of a word by which instructions name an article
# Words of instructions that name no article.
NOT_NAMES = frozenset(
    """
    about answer article articles artikel bitte draft from please rather reply than that their them this with write your
    """.split()  # noqa: SIM905
)


def found(question: str, message: Message, *, limit: int = 3, without: Collection[str] = ()) -> Result:
    return search.search(question, limit=limit, inboxes=_inboxes(message), without=without)


def _inboxes(message: Message) -> list[int] | None:
    inbox = message.conversation.inbox_id
    return None if inbox is None else [inbox]


def named(instructions: str, message: Message, *, without: Collection[str] = ()) -> list[Answer]:
    """Articles that a person's instructions name by a word of their title or keywords, however low the confidence."""
    if not instructions:
        return []
    result = found(instructions, message, limit=10, without=without)
    rows = search.rows_of(result.answers)
    return [answer for answer in result.answers if _is_named(instructions, rows[answer.live.pk])]


def _is_named(instructions: str, article: Article) -> bool:
    wanted = {word for word in words(instructions, language=article.language) if len(word) >= LEAST_NAMING}
    return bool(
        (wanted - NOT_NAMES) & set(words(f"{article.title} {article.keywords}", language=article.language))
    )


def draft_from(message: Message) -> float:
    """The confidence from which an article is drafted from: the inbox's own, if it is higher than the usual one."""
    own = inbox_settings.of(message.conversation.inbox_id).draft_from
    return max(own or 0.0, confidence.DRAFT_FROM)


def why_not(answer: Answer, threshold: float) -> str:
    """Why the built-in drafter does not write from this article. Empty if it does."""
    if answer.confidence < confidence.MAY_FIT_FROM:
        return _("It does not fit the question.")
    if answer.hit.other_language:
        return _("It is in another language than the question.")
    if answer.confidence < threshold:
        return _("It may fit, but drafts start at %(threshold)s.") % {"threshold": format(threshold, ".0%")}
    return ""


def may_fit(answers: Sequence[Answer]) -> list[Answer]:
    return [answer for answer in answers if answer.confidence >= confidence.MAY_FIT_FROM]


def worth_asking(result: Result) -> bool:
    """Whether a model should see the articles. Across languages, confidence says little: words do not count there."""
    return any(answer.hit.other_language for answer in result.answers) or bool(may_fit(result.answers))


def evidence_of(
    answers: Sequence[Answer], *, embedder: str, question: str, names: Collection[str] = ()
) -> list[dict[str, Any]]:
    """Best first. sentence: of the article, word for word. asked: the customer's words, without personal data."""
    rows = search.rows_of(answers)
    return [
        _evidence(answer, rows[answer.live.pk], embedder, question, names)
        for answer in answers
        if answer.live.pk in rows
    ]


def _evidence(
    answer: Answer, article: Article, embedder: str, question: str, names: Collection[str]
) -> dict[str, Any]:
    asked = evidence.asking_sentence(
        question, f"{article.title}. {article.question}", language=article.language
    )
    return {
        "article": article.slug, "version": article.version, "title": article.title, "score": round(answer.hit.score, 4),
        "confidence": round(answer.confidence, 4), "language": article.language,
        "sentence": evidence.answering_sentence(question, article.body, language=article.language),
        "asked": redaction.redacted(asked, names=names)[:MOST_ASKED],
        "parts": answer.parts, "embedder": embedder, "features": [round(one, 5) for one in answer.hit.features],
    }  # fmt: skip
