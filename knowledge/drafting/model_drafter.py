"""Drafts a reply with a language model, from the articles that it is given and nothing else.

At most one repair of an answer that cannot be read, within one time limit for everything; then the built-in drafter drafts.
The model's answer is only a proposal, and only the articles that it was given count as evidence.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from django.conf import settings

from webhooks.errors import DeliveryError, Permanent, Retryable
from webhooks.models import Delivery

from ..models import ModelCall
from . import drafting_texts as texts
from . import model_answers, model_calls, model_choice, model_endpoint, prompts
from .model_answers import Answer, Completion, Unreadable
from .prompts import Question

O = ModelCall.Outcome  # noqa: E741
LEAST_S = 10  # for a request that was late before it began: a backlog is no reason to ask no model
NOT_WORTH_S = 1.5  # less than this is not worth a call


class Unusable(Exception):
    """The model was there but gave no draft that can be used, or must not be asked: the built-in drafter drafts at once."""

    def __init__(self, why: str, record: model_calls.Record) -> None:
        super().__init__(why)
        self.record = record


@dataclass(frozen=True)
class Drafted:
    """answer.reply is empty where the articles do not answer the question."""

    answer: Answer
    record: model_calls.Record


def ask(question: Question, *, delivery: Delivery | None, key: object, now: datetime) -> Drafted:
    """key: of the conversation, which decides about model and prompt. Raises Unusable, Retryable or Permanent."""
    version = model_choice.choose(settings.DRAFTER_PROMPT or prompts.NEWEST, what="prompt", key=key)
    record = model_calls.Record(
        model_choice.choose(settings.DRAFTER_MODEL, what="model", key=key), version, delivery, now
    )
    talk = _Talk(record, ends=time.monotonic() + _limit(delivery, now))
    question = prompts.within(replace(question, version=version))
    try:
        said, asked = talk.ask(question)
    except Unreadable as error:
        said, asked = Completion(error.text), prompts.messages(question)
        return _repaired(talk, question, asked, said, error)
    try:
        return _answer(talk, said, question)
    except Unreadable as error:
        return _repaired(talk, question, asked, said, error)


def _limit(delivery: Delivery | None, now: datetime) -> float:
    """Seconds for all calls together, counted from when the draft was due, so that retries share them."""
    waited = max((now - delivery.due_since).total_seconds(), 0) if delivery and delivery.due_since else 0
    return max(settings.DRAFTER_SECONDS - waited, min(LEAST_S, settings.DRAFTER_SECONDS))


def _repaired(talk: "_Talk", question: Question, asked: list, said: Completion, first: Unreadable) -> Drafted:
    try:
        again = talk.call(prompts.repair(asked, answer=said.text, error=str(first)))
        return _answer(talk, again, question)
    except Unreadable as error:
        why = texts.UNREAD_TWICE % {"second": error}
    except (Retryable, Permanent) as error:
        why = texts.UNREAD_AND_FAILED % {"first": first, "second": error}
    raise Unusable(why, talk.record)


def _answer(talk: "_Talk", said: Completion, question: Question) -> Drafted:
    try:
        answer = model_answers.answer(said, given={article["slug"] for article in question.articles})
    except Unreadable:
        talk.record.correct(O.UNREADABLE)
        raise
    if answer.reply and not answer.articles:
        talk.record.correct(O.NO_SOURCE)
        raise Unusable(texts.NO_SOURCE, talk.record)
    talk.record.correct(O.DRAFTED if answer.reply else O.NO_ANSWER)
    return Drafted(answer, talk.record)


@dataclass
class _Talk:
    """The calls for one draft. ends: by time.monotonic()."""

    record: model_calls.Record
    ends: float

    def ask(self, question: Question) -> tuple[Completion, list[dict[str, str]]]:
        """Once more with half the articles where the request is too long for the model."""
        asked = prompts.messages(question)
        try:
            return self.call(asked), asked
        except model_endpoint.TooLong:
            asked = prompts.messages(prompts.within(question, prompts.size(question) // 2))
            return self.call(asked), asked

    def call(self, asked: list[dict[str, str]]) -> Completion:
        """One answer of the model; a form of the request that the endpoint refuses is replaced by a simpler one."""
        model = self.record.model
        options = model_endpoint.accepted(model)
        while True:
            try:
                said = self._once(partial(self._post, model, asked, options))
            except model_endpoint.FormatRefused as refused:
                options = refused.instead
                continue
            model_endpoint.remember(model, options)
            return said

    def _post(self, model: str, asked: list[dict[str, str]], options: model_endpoint.Options) -> bytes:
        return model_endpoint.post(model, asked, options, seconds=max(self.ends - time.monotonic(), 0.1))

    def _once(self, post: Callable[[], bytes]) -> Completion:
        if why := model_calls.budget_used_up(now=self.record.now):
            raise Unusable(why, self.record)
        if self.ends - time.monotonic() < NOT_WORTH_S:
            raise Retryable(texts.TIME_USED_UP)
        began = time.monotonic()
        try:
            body = post()
        except DeliveryError as error:
            self.record.add(_outcome(error), ms=_ms(began))
            raise
        try:
            said = model_answers.completion(body)
        except Unreadable:
            self.record.add(O.UNREADABLE, ms=_ms(began))
            raise
        self.record.add(O.DRAFTED, ms=_ms(began), said=said)
        return said


def _outcome(error: DeliveryError) -> ModelCall.Outcome:
    if isinstance(error, model_endpoint.FormatRefused):
        return O.FORMAT
    if isinstance(error, model_endpoint.TooLong):
        return O.TOO_LONG
    return O.REFUSED if isinstance(error, Permanent) else O.UNAVAILABLE


def _ms(began: float) -> int:
    return round((time.monotonic() - began) * 1000)
