"""What the invented desk did with its customers' messages, as rows: drafts, decisions, grades, signals, escalations.

Differences and kinds are computed by the product's own rules, so that the figures agree with the texts.
"""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from knowledge.learning import edits
from knowledge.models.grades import GRADES, Decision
from knowledge.text import frames
from webhooks.simulator.stories import THANKS, Story

Row = dict[str, Any]
Rows = Iterator[tuple[str, Row]]

DRAFTED, ESCALATED = 0.93, 0.08  # of answers, of conversations
UNCHANGED, EDITED, REJECTED, OVERTAKEN = "unchanged", "edited", "rejected", "overtaken"
OUTCOMES = (UNCHANGED, EDITED, REJECTED, OVERTAKEN)
# How often each outcome occurs, in the first week and today: the articles improve, and so do the drafts.
AT_FIRST, TODAY = (35, 35, 18, 12), (62, 24, 5, 9)
WHILE_WRONG = (8, 22, 55, 15)  # while the article states the wrong fact
GIVEN = {UNCHANGED: (4, 5, 5, 5, 5, 5), EDITED: (3, 4, 4, 4, 5, 5), REJECTED: (1, 2, 2, 3, 4, 5)}
REWRITTEN = 0.25  # of edited drafts
CORRECTED = 0.85  # of approved replies that state the wrong fact
OWN_SENDER = 1, "Support Desk"  # the user in Chatwoot as which the site sends
DRAFT_S = 25  # from a message to its draft
SENT_S = 12  # from the approval to the message in Chatwoot: the time to undo, and the call
ARTICLES = {
    "password": ("reset-password", "passwort"), "refund": ("refund", "rueckgabe"), "shipping": ("shipping-time", "lieferzeit"),
    "invoice": ("invoice", "rechnung"), "cancel": ("change-plan", "kuendigung"), "address": ("change-address", "adresse"),
    "tracking": ("shipping-time", "lieferzeit"), "damaged": ("damaged-item", "beschaedigt"),
    "two-factor": ("two-factor", "zwei-faktor"), "export": ("export-data", "datenexport"),
    "plan": ("change-plan", "kuendigung"), "hours": ("opening-hours", "oeffnungszeiten"),
}  # fmt: skip
ADDED = {
    "en": ("If anything is unclear, just answer this email.", "I have looked into your account and everything is in order.",
           "You will hear from us by Friday."),
    "de": ("Wenn etwas unklar ist, antworten Sie einfach auf diese Nachricht.",
           "Ich habe in Ihrem Konto nachgesehen, es ist alles in Ordnung.", "Sie hören bis Freitag von uns."),
}  # fmt: skip
INSTEAD = {
    "en": "I have passed this to the colleague who looks after your account. She will write to you today with the details.",
    "de": "Ich habe das an die Kollegin weitergegeben, die Ihr Konto betreut. Sie schreibt Ihnen heute mit allen Einzelheiten.",
}
NO_GOOD = (
    "The article does not answer this question.",
    "Out of date: the terms changed.",
    "Too general for this customer.",
)
OUT_OF_DATE = "Out of date: it takes longer now."
OVERTOOK = "An agent answered in Chatwoot."
CASES = {
    "refund": "Wants the money back after the return period.",
    "policy_exception": "Asks for an exception from the terms.",
    "angry_customer": "Third complaint, wants to speak to a manager.",
    "complex": "Needs a look at the order system.",
    "legal": "Mentions a lawyer.",
    "vip": "Large account, answer with care.",
    "repeated_contact": "Wrote four times about the same parcel.",
}
SETTLED = (
    "Agreed with the customer by phone.",
    "Refunded as a gesture.",
    "Explained the terms, the customer accepted.",
)


@dataclass(frozen=True)
class Correction:
    """A fact of an article that people correct in their replies, until its lesson is approved at `since`."""

    slug: str
    body: str
    was: str
    now: str
    since: datetime

    def is_wrong(self, at: datetime) -> bool:
        return at < self.since

    def text(self, at: datetime) -> str:
        return self.body if self.is_wrong(at) else self.corrected(self.body)

    def version(self, at: datetime) -> int:
        return 1 if self.is_wrong(at) else 2

    def corrected(self, text: str) -> str:
        """As people answer who know better than the article."""
        return text.replace(self.was, self.now)


@dataclass(frozen=True)
class Turn:
    """What a customer asked, and a person's answer to it (None: not answered yet)."""

    conversation: int
    asked: Row
    answer: Row | None
    story: Story
    person: str
    language: str

    @property
    def greeting(self) -> str:
        return frames.of(self.language).greeting.format(name=self.person.split()[0]) + "\n\n"

    @property
    def closing(self) -> str:
        return "\n\n" + frames.of(self.language).closing


class Desk:
    """Decides on one conversation after another, with the dice of its history."""

    def __init__(
        self, reviewers: tuple[int, ...], titles: Mapping[str, str], dice: random.Random, *, until: datetime,
        correction: Correction | None = None,
    ) -> None:  # fmt: skip
        self.reviewers, self.titles, self.dice, self.until = reviewers, titles, dice, until
        self.correction = correction
        self.next_draft = self.next_signal = 1
        self.most = range(len(reviewers), 0, -1)

    def worked_on(
        self, number: int, said: list[Row], ended: datetime | None, story: Story, person: str, language: str, *, skill: float
    ) -> Rows:  # fmt: skip
        """Changes the answers in `said` that were approved here: their text, sender and marker are this site's."""
        if self.dice.random() < ESCALATED:
            yield "Escalation", self._escalation(number, said[0]["created_at"], ended)
        if known := self._correction_of(story, language):
            for row in said:
                row["content"] = known.corrected(row["content"])
        for asked, answer in zip(said, [*said[1:], None], strict=True):
            if not asked["is_customer_message"] or asked["content"] in THANKS[language]:
                continue
            if story.topic not in ARTICLES:
                at = asked["created_at"] + timedelta(seconds=DRAFT_S)
                yield (
                    "NoDraft",
                    {"message_id": asked["id"], "reason": "no_article", "language": language, "at": at},
                )
                continue
            turn = Turn(number, asked, answer, story, person, language)
            waits = answer is None and not ended
            if (waits or (answer and answer["is_person_answer"])) and self.dice.random() < DRAFTED:
                yield from self._draft(turn, skill)

    def _escalation(self, number: int, asked_at: datetime, ended: datetime | None) -> Row:
        dice, kind = self.dice, self.dice.choice(tuple(CASES))
        raised = asked_at + timedelta(minutes=30)
        closed = raised + timedelta(hours=dice.randint(1, 30))
        closed = max(min(closed, ended), raised) if ended else closed
        owner = self._reviewer()
        over = {"closed_at": closed, "closed_by_id": owner, "resolution": dice.choice(SETTLED)}
        return {
            "conversation_id": number, "kind": kind, "reason": CASES[kind], "owner_id": owner, "level": dice.choice((2, 2, 3)),
            "raised_by_id": self._reviewer(), "raised_at": raised, "due_at": raised + timedelta(hours=2),
            **(over if closed < self.until else {}),
        }  # fmt: skip

    def _reviewer(self) -> int:
        return self.dice.choices(self.reviewers, self.most)[0]

    def _draft(self, turn: Turn, skill: float) -> Rows:
        text = turn.greeting + self._answer(turn) + turn.closing
        created = turn.asked["created_at"] + timedelta(seconds=DRAFT_S)
        draft = {
            "id": self.next_draft, "conversation_id": turn.conversation, "in_reply_to_id": turn.asked["id"],
            "author": "drafter", "author_kind": "drafter", "proposed_text": text, "body": text, "created_at": created,
            "confidence": round(self.dice.uniform(0.45, 0.95), 2), "evidence": self._evidence(turn),
        }  # fmt: skip
        self.next_draft += 1
        yield "DraftEvent", _event(draft, created, "proposed", "", "PROPOSED", text=text)
        if turn.answer is None:
            yield "Draft", draft
            return
        usual = [old + (new - old) * skill for old, new in zip(AT_FIRST, TODAY, strict=True)]
        outcome = self.dice.choices(OUTCOMES, WHILE_WRONG if self._is_wrong(turn) else usual)[0]
        if turn.answer["created_at"] < created + timedelta(seconds=2 * SENT_S):
            outcome = OVERTAKEN  # faster than anybody reads
        decided = {REJECTED: self._rejected, OVERTAKEN: self._overtaken}.get(outcome, self._approved)
        yield from decided(draft, turn.asked, turn.answer, turn, edited=outcome == EDITED)

    def _answer(self, turn: Turn) -> str:
        """What the draft says: of the corrected article, the version of that day."""
        known = self._correction_of(turn.story, turn.language)
        return known.text(turn.asked["created_at"]) if known else turn.story.answers[turn.language]

    def _correction_of(self, story: Story, language: str) -> Correction | None:
        slug = ARTICLES[story.topic][language == "de"] if story.topic in ARTICLES else ""
        return self.correction if self.correction and self.correction.slug == slug else None

    def _is_wrong(self, turn: Turn) -> bool:
        known = self._correction_of(turn.story, turn.language)
        return known is not None and known.is_wrong(turn.asked["created_at"])

    def _evidence(self, turn: Turn) -> list[Row]:
        slug, known = (
            ARTICLES[turn.story.topic][turn.language == "de"],
            self._correction_of(turn.story, turn.language),
        )
        score, why = round(self.dice.uniform(0.4, 0.9), 2), f"Both are about: {turn.story.topic}."
        return [
            {
                "article": slug,
                "version": known.version(turn.asked["created_at"]) if known else 1,
                "title": self.titles.get(slug, slug),
                "score": score,
                "why": why,
            }
        ]

    def _approved(self, draft: Row, asked: Row, answer: Row, turn: Turn, *, edited: bool) -> Rows:
        final = self._edited(turn) if edited else draft["proposed_text"]
        if (
            (known := self._correction_of(turn.story, turn.language))
            and known.was in final
            and self.dice.random() < CORRECTED
        ):
            final, edited = known.corrected(final), True
        by, sent = self._reviewer(), answer["created_at"]
        at, revision = sent - timedelta(seconds=SENT_S), 1 + edited
        grades = self._grades(EDITED if edited else UNCHANGED)
        yield "Draft", draft | grades | {
            "status": "SENT", "approval": 1, "body": final, "approved_text": final, "decided_by_id": by, "decided_at": at,
            "revision": revision, "approved_revision": revision, "changed_by": [by] * edited, "sender_id": OWN_SENDER[0],
            "sent_message_id": answer["message_id"], "call_started_at": sent,
        }  # fmt: skip
        if edited:
            typed = at - timedelta(seconds=5)
            yield "DraftEvent", _event(draft, typed, "edited", "PROPOSED", "PROPOSED", by=by, text=final)
        yield "DraftEvent", _event(draft, at, "approved", "PROPOSED", "APPROVED", by=by, text=final)
        yield "DraftEvent", _event(draft, sent, "sending", "APPROVED", "SENDING")
        yield "DraftEvent", _event(draft, sent + timedelta(seconds=1), "sent", "SENDING", "SENT")
        yield from self._signal(
            draft, turn, Decision.APPROVED, at, final=final, grades=grades, reviewer_id=by
        )
        answer |= {
            "content": final, "sender_id": OWN_SENDER[0], "sender_name": OWN_SENDER[1],
            "content_attributes": {"support_reply": f"{draft['id']}:1"},
        }  # fmt: skip

    def _edited(self, turn: Turn) -> str:
        own = f"{self._answer(turn)} {self.dice.choice(ADDED[turn.language])}"
        if self.dice.random() < REWRITTEN:
            own = INSTEAD[turn.language]
        return turn.greeting + own + turn.closing

    def _grades(self, outcome: str) -> dict[str, int | None]:
        return {name: self.dice.choice(GIVEN[outcome]) for name in GRADES}

    def _rejected(self, draft: Row, asked: Row, answer: Row, turn: Turn, *, edited: bool) -> Rows:
        by, at = self._reviewer(), answer["created_at"] - timedelta(seconds=SENT_S)
        grades = self._grades(REJECTED)
        why = OUT_OF_DATE if self._is_wrong(turn) else self.dice.choice(NO_GOOD)
        over = {"status": "REJECTED", "decided_by_id": by, "decided_at": at, "note": why}
        yield "Draft", draft | grades | over
        yield "DraftEvent", _event(draft, at, "rejected", "PROPOSED", "REJECTED", by=by, detail=why)
        yield from self._signal(draft, turn, Decision.REJECTED, at, grades=grades, reviewer_id=by)

    def _overtaken(self, draft: Row, asked: Row, answer: Row, turn: Turn, *, edited: bool) -> Rows:
        at, number = answer["created_at"], answer["message_id"]
        yield "Draft", draft | {"status": "STALE", "why": OVERTOOK}
        yield "DraftEvent", _event(draft, at, "stale", "PROPOSED", "STALE", detail=OVERTOOK)
        yield from self._signal(
            draft, turn, Decision.OVERTAKEN, at, final=answer["content"], answer_id=number
        )

    def _signal(
        self, draft: Row, turn: Turn, decision: Decision, at: datetime, *, final: str = "",
        grades: Mapping[str, int | None] | None = None, **facts: Any,
    ) -> Rows:  # fmt: skip
        proposal, cited = draft["proposed_text"], draft["evidence"][0]
        grades = grades or dict.fromkeys(GRADES)
        measured = edits.difference(proposal, final) if final else None
        case = edits.Case(
            decision=decision, grades=grades, ratio=measured.ratio if measured else None, cited=True,
            facts_changed=bool(final) and edits.facts_changed(proposal, final),
        )  # fmt: skip
        yield "LearningSignal", {**grades, **facts} | {
            "id": self.next_signal, "draft_id": draft["id"], "conversation_id": draft["conversation_id"],
            "decision": decision.value, "approval": int(decision == Decision.APPROVED), "kind": edits.kind(case).value,
            "question": turn.asked["content"], "category": cited["article"], "proposal": proposal, "final_text": final,
            "edit": edits.edited(proposal, final).value if final else "", "language": turn.language,
            "distance": measured.distance if measured else None, "ratio": measured.ratio if measured else None,
            "author": "drafter", "author_kind": "drafter", "at": at,
            "waited_s": max(round((at - draft["created_at"]).total_seconds()), 0),
            "opened_s": self.dice.randint(6, 240) if facts.get("reviewer_id") else None,
        }  # fmt: skip
        yield (
            "Citation",
            {"signal_id": self.next_signal, "article": cited["article"], "version": cited["version"]},
        )
        self.next_signal += 1


def _event(
    draft: Row, at: datetime, action: str, before: str, after: str, *, by: int | None = None, detail: str = "", text: str = ""
) -> Row:  # fmt: skip
    return {
        "draft_id": draft["id"], "at": at, "by_id": by, "action": action, "before": before, "after": after,
        "detail": detail, "text": text,
    }  # fmt: skip
