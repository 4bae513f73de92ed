"""Verbs on changes: propose, edit, approve, dismiss, roll back. Nothing else writes an article or a version.

A change names the version it was written from. It is approved only while that is still the newest one, so nobody overwrites
what they have not seen. What a change may contain is in proposal.py, what may stop an approval
because of search in probe_gate.py, merging two articles in merging.py.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from webhooks.accounts import access

from ..models import Article, ArticleVersion, Change
from . import change_notes, fields, merging, probe_gate, proposal
from .fields import Invalid, Proposed
from .proposal import CREATES, needs_second_person
from .refusals import Refused, moved
from .version_writing import write_version

K, O, S = Change.Kind, Change.Origin, Change.Status  # noqa: E741


def propose(
    article: Article | None, given: Mapping[str, Any], *, kind: str, origin: str, now: datetime, by: User | None = None,
    base_version: int | None = None, note: str = "", merges: Article | None = None, **grounds: Any,
) -> Change:  # fmt: skip
    """An open change; the same one, if it is open already. article: None for a new one, which `given` then names by slug.

    merges: of a MERGE, the article that is withdrawn. grounds: customers, people, lesson, share_low; the decisions themselves are
    added with evidence.add(). A change for a gap may still be without an answer: then it is written before it is approved.
    Raises Refused or fields.Invalid.
    """
    wanted = fields.cleaned(given, new=kind in CREATES, unwritten=origin == O.GAP)
    if origin == O.SERVICE and by is None:
        raise ValueError("A program proposes as its token's user.")
    with transaction.atomic():
        if article is None:
            article = proposal.reserved(wanted, now=now)
        proposal.check_base(article, base_version)
        proposed = proposal.of(article, wanted, kind=kind)
        proposal.show(article, proposed)
        if kind == K.MERGE:
            grounds |= merging.named(article, merges)
        return _open(article, proposed, kind=kind, origin=origin, by=by, now=now, note=note[:500], **grounds)


def _open(article: Article, proposed: Proposed, *, kind: str, origin: str, **facts: Any) -> Change:
    by, now, merges = facts.pop("by"), facts.pop("now"), facts.get("merges")
    digest = merging.digest(proposed, merges)
    same = article.changes.filter(kind=kind, digest=digest, status=S.OPEN)
    if found := same.first():
        return found
    if origin == O.IMPORT and article.source_hash:  # the source has moved on
        article.changes.filter(origin=O.IMPORT, status=S.OPEN).update(status=S.SUPERSEDED, decided_at=now)
    try:
        with transaction.atomic():
            return Change.objects.create(
                article=article, kind=kind, origin=origin, proposed=proposed, digest=digest, made_by=by, created_at=now,
                base_version=article.version, second_person=needs_second_person(article, proposed, origin, merges), **facts,
            )  # fmt: skip
    except IntegrityError:
        return same.get()


def edit(
    change: Change,
    given: Mapping[str, Any],
    *,
    by: User,
    base_version: int,
    now: datetime,
    seen: str | None = None,
) -> Change:
    """Change the proposal, from the article's newest version. seen: the digest that was read. Raises Refused, Invalid."""
    with transaction.atomic():
        article = _locked(change)
        proposal.check_base(article, base_version)
        if seen is not None and seen != change.digest:
            raise Refused("version_changed", _("Someone edited this change while you did. Check it again."))
        proposed = proposal.of(article, fields.cleaned(_whole(change) | dict(given)), kind=change.kind)
        try:
            with transaction.atomic():
                changed = Change.objects.filter(pk=change.pk, status=S.OPEN, digest=change.digest).update(
                    proposed=proposed, digest=merging.digest(proposed, change.merges), base_version=article.version,
                    edited_by=sorted({*change.edited_by, by.pk}), probe_result=None,
                    second_person=change.second_person or needs_second_person(article, proposed, change.origin, change.merges),
                    merges_version=change.merges.version if change.merges else None,
                )  # fmt: skip
        except IntegrityError:
            raise Refused("unchanged", _("Another open change proposes the same.")) from None
        if changed:
            proposal.show(article, proposed)
        change.refresh_from_db()
        if not changed:
            raise _decided(change)
    return change


def follow(change: Change, body: str) -> bool:
    """Moves our own proposal, if nobody edited it, to the article's newest version. body: its text with the same edit."""
    article = change.article
    proposed = fields.difference(article, fields.cleaned({"body": body}))
    same = article.changes.filter(kind=change.kind, digest=fields.digest(proposed), status=S.OPEN)
    if not proposed or same.exclude(pk=change.pk).exists():
        return False
    moved = Change.objects.filter(
        pk=change.pk, status=S.OPEN, edited_by=[], made_by=None, digest=change.digest
    ).update(proposed=proposed, digest=fields.digest(proposed), base_version=article.version)
    change.refresh_from_db()
    return bool(moved)


def retire(change: Change, status: str, *, now: datetime, reason: str = "") -> None:
    """SUPERSEDED by a newer version, or EXPIRED because what it rested on was withdrawn. No person decides that."""
    Change.objects.filter(pk=change.pk, status=S.OPEN).update(status=status, decided_at=now, reason=reason)


def _whole(change: Change) -> Proposed:
    return dict(change.proposed)


def approve(
    change: Change, *, by: User, base_version: int, now: datetime, reason: str = ""
) -> ArticleVersion:
    """Publish: one version more; QUESTIONS keeps it. base_version: the newest version that the person saw.

    reason: why probes may be lost. Raises Refused.
    """
    _may_decide(by)
    change.refresh_from_db()
    probes = probe_gate.measured(change, now=now)  # before any row is locked
    try:
        with transaction.atomic():
            article = _locked(change)
            if change.status != S.OPEN:
                raise _decided(change)
            if base_version != article.version or change.base_version != article.version:
                raise moved(article.version)
            if change.kind in CREATES and not change.proposed.get("body"):
                raise Refused("unwritten", _("This article has no answer yet. Write it first."))
            merging.unmoved(change)
            second = change.second_person or article.is_policy
            if second and by.pk in (change.made_by_id, *change.edited_by):
                raise Refused(
                    "second_person_required",
                    _("You wrote or edited this change, so someone else has to approve it."),
                )
            probe_gate.check(change, probes, reason=reason)
            _decide(change, S.APPROVED, by=by, now=now, second_person=second, reason=reason.strip()[:500])
            if change.kind == K.QUESTIONS and article.current:
                change.questions.confirm(by=by, now=now)
                return article.current
            version = write_version(article, change, by=by, now=now)
            if change.merges:
                _withdraw_merged(change.merges, change, by=by, now=now)
            return version
    except IntegrityError as error:  # two approvals met at the same version
        raise moved(change.base_version + 1) from error


def _withdraw_merged(other: Article, change: Change, *, by: User, now: datetime) -> None:
    """The other article's own version, so that its history says where it went. The same approval covers it."""
    withdrawal = _open(
        other, {}, kind=K.WITHDRAW, origin=change.origin, by=change.made_by, now=now,
        note=change_notes.MERGED % {"slug": change.article.slug, "n": change.pk},
    )  # fmt: skip
    _decide(withdrawal, S.APPROVED, by=by, now=now, reason=change.reason)
    write_version(other, withdrawal, by=by, now=now)
    merging.move_along(other, change.article)


def dismiss(change: Change, *, by: User, reason: str, now: datetime) -> None:
    """Raises Refused."""
    _may_decide(by)
    if not reason.strip():
        raise Refused("reason_required", _("Give a reason. The person who proposed it will read it."))
    with transaction.atomic():
        _decide(change, S.DISMISSED, by=by, now=now, reason=reason.strip()[:500])
        change.questions.all().delete()


def roll_back(
    article: Article, *, to: int, by: User | None, now: datetime, origin: str = O.PERSON, note: str = ""
) -> Change:
    """A change that restores the texts of version `to`; 0: one that withdraws the article. Raises Refused."""
    if to == 0:
        return propose(article, {}, kind=K.WITHDRAW, origin=origin, by=by, now=now, note=note)
    version = article.versions.filter(number=to).first()
    if version is None:
        raise Refused("unchanged", _("There is no version %(to)s.") % {"to": to})
    texts = {name: getattr(version, name) for name in fields.TEXTS}
    return propose(
        article, texts, kind=K.ROLLBACK, origin=origin, by=by, now=now, note=note or change_notes.RESTORES % {"n": to}
    )  # fmt: skip


def undo(change: Change, *, by: User, now: datetime, approved: bool = False, reason: str = "") -> Change:
    """A change that restores what stood before this approved one. approved: also approve it. Raises Refused."""
    if change.status != S.APPROVED:
        raise Refused("not_approved", _("Only an approved change can be rolled back."))
    if change.kind == K.QUESTIONS:
        raise Refused("unchanged", _("It wrote no version. Remove its questions on the article's page."))
    article, to = change.article, change.became.number - 1
    with transaction.atomic():
        fresh = roll_back(article, to=to, by=by, now=now, note=change_notes.ROLLS_BACK % {"n": change.pk})
        if approved:
            approve(fresh, by=by, base_version=fresh.base_version, now=now, reason=reason)
            fresh.refresh_from_db()
    return fresh


def _locked(change: Change) -> Article:
    """The article, held until the transaction ends, and the change as it is now."""
    article = (
        Article.objects.select_for_update(of=("self",)).select_related("current").get(pk=change.article_id)
    )
    change.refresh_from_db()
    return article


def _decide(change: Change, status: str, *, by: User, now: datetime, **more: Any) -> None:
    decided = Change.objects.filter(pk=change.pk, status=S.OPEN).update(
        status=status, decided_by=by, decided_at=now, **more
    )
    change.refresh_from_db()
    if not decided:
        raise _decided(change)


def _decided(change: Change) -> Refused:
    facts = {"status": change.get_status_display().lower(), "name": change.decided_by}
    text = (
        _("This change was %(status)s by %(name)s.")
        if change.decided_by
        else _("This change was %(status)s.")
    )
    return Refused("already_decided", text % facts)


def _may_decide(by: User) -> None:
    if not access.may(by, "edit_articles"):
        raise Refused("forbidden", _("Only Leads and Managers can decide about changes of articles."))


def approve_many(
    changes: Sequence[tuple[Change, int]], *, by: User, now: datetime
) -> list[tuple[Change, str]]:
    """Each on its own, with the base version that the person saw. Returns those that were refused, and why."""
    refused = []
    for change, base_version in changes:
        try:
            approve(change, by=by, base_version=base_version, now=now)
        except (Refused, Invalid) as error:
            refused.append((change, str(error)))
    return refused


def publish(
    article: Article | None,
    given: Mapping[str, Any],
    *,
    by: User,
    now: datetime,
    reason: str = "",
    **facts: Any,
) -> Change:
    """Propose and approve in one step, or neither. Raises Refused or Invalid."""
    _may_decide(by)
    with transaction.atomic():
        change = propose(article, given, by=by, now=now, **facts)
        approve(change, by=by, base_version=change.base_version, now=now, reason=reason)
    change.refresh_from_db()
    return change
