"""Verbs on the files of a reply: attach, detach. Each is a change of the reply as a change of its text is: another revision.

An approval freezes what is attached, with a digest of each content; sending reads the frozen list and nothing else.
"""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Sum
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from webhooks.errors import Permanent
from webhooks.models import Conversation
from webhooks.outbound.multipart import File

from ..files import channel_limits, file_names, file_types
from ..files.channel_limits import Limit
from ..models import Attachment, Draft
from ..risk import evaluate
from . import guards, proposals
from .states import Refused

S = Draft.Status
FROZEN = (S.APPROVED, S.SENDING, S.SENT, S.PARKED, S.CLOSED)
MB = 2**20
Listed = list[dict[str, Any]]  # id, name, type, size in bytes, sha256


def limit_of(conversation: Conversation) -> Limit:
    channel = conversation.inbox.channel if conversation.inbox else ""
    return channel_limits.of(channel, whatsapp=conversation.is_whatsapp)


def listed(draft: Draft) -> Listed:
    """What is attached; of an approved draft, what was approved."""
    if draft.status in FROZEN:
        return list(draft.approved_attachments)
    return [_listed(row) for row in draft.attachments.all()]


def _listed(row: Attachment) -> dict[str, Any]:
    return {
        "id": row.pk, "name": row.name, "type": row.content_type, "size": row.size, "sha256": row.sha256,
    }  # fmt: skip


def attach(draft: Draft, *, files: Iterable[UploadedFile], by: User, revision: int, now: datetime) -> None:
    """All of them or none, as one change. What is attached already under the same name is not attached again.

    Raises Refused: attachments, which says what to do, and those of an edit: revision_changed, stale, already_decided.
    """
    guards.undecided(draft)
    seen(draft, revision)
    there = list(draft.attachments.all())
    known = {(row.name, row.sha256) for row in there}
    rows = {(row.name, row.sha256): row for row in (_read(draft, file, by=by, now=now) for file in files)}
    fresh = [row for key, row in rows.items() if key not in known]
    if not fresh:
        return
    _check([*there, *fresh], draft.body, limit_of(draft.conversation))
    _check_room(fresh)
    with transaction.atomic():
        _changed(draft, [*there, *fresh], action="attached", which=fresh, by=by, now=now)
        for row in fresh:
            row.save()


def detach(draft: Draft, *, number: int, by: User, revision: int, now: datetime) -> None:
    """The content is deleted; the history keeps its name. Raises Refused."""
    guards.undecided(draft)
    seen(draft, revision)
    there = list(draft.attachments.all())
    gone = [row for row in there if row.pk == number]
    if not gone:
        raise Refused("revision_changed", _("This file is no longer attached. Read the draft again."))
    with transaction.atomic():
        rest = [row for row in there if row.pk != number]
        _changed(draft, rest, action="detached", which=gone, by=by, now=now)
        draft.attachments.filter(pk=number).delete()


def _changed(
    draft: Draft, rows: Sequence[Attachment], *, action: str, which: Sequence[Attachment], by: User, now: datetime
) -> None:  # fmt: skip
    flags = evaluate.flags_of(draft, files=[row.name for row in rows])
    detail = ", ".join(f"{row.name} ({row.size:,} bytes, sha256 {row.sha256[:12]})" for row in which)
    proposals.change(draft, by=by, now=now, action=action, detail=detail, risk=flags)


def move(old: Draft, fresh: Draft) -> None:
    """Within a transaction: a draft that replaces another one takes over what a person attached, before anybody sees it."""
    if Attachment.objects.filter(draft=old).update(draft=fresh):
        fresh.risk = evaluate.flags_of(fresh)
        fresh.save(update_fields=["risk"])


def seen(draft: Draft, revision: int) -> None:
    """As guards.seen, and says what has changed: of a file nobody can see it in the text."""
    if revision == draft.revision:
        return
    last = draft.events.order_by("-pk").select_related("by").first()
    told = {
        "revision": draft.revision,
        "who": (last and last.by) or "Chatwoot",
        "what": last.what if last else "",
    }
    said = _("The draft is now at revision %(revision)s. The last change is by %(who)s: %(what)s") % told
    raise Refused("revision_changed", f"{said}{f' ({last.detail})' if last and last.detail else ''}.")


# What may be attached


def _read(draft: Draft, file: UploadedFile, *, by: User, now: datetime) -> Attachment:
    name = file_names.clean(file.name or "")
    if (file.size or 0) > settings.ATTACHMENTS_MAX_BYTES:
        raise _unfit(_too_large(name, settings.ATTACHMENTS_MAX_BYTES))
    content = file.read()
    kind = file_types.kind_of(content, extension=file_names.split(name)[1].lower())
    if not content:
        raise _unfit(_("%(name)s is empty. Choose the file again.") % {"name": name})
    if kind.active:
        raise _unfit(
            _("%(name)s is a web page or an SVG, which can run scripts. Attach it as a PDF or as a picture.")
            % {"name": name}
        )
    if not kind.content_type:
        raise _unfit(
            _("The type of %(name)s is not known. Attach a picture, a document or a ZIP archive.")
            % {"name": name}
        )
    return Attachment(
        draft=draft, name=file_names.with_extension(name, file_types.EXTENSIONS[kind.content_type]), content=content,
        content_type=kind.content_type, size=len(content), sha256=hashlib.sha256(content).hexdigest(), added_at=now, added_by=by,
    )  # fmt: skip


def check(draft: Draft, *, text: str) -> None:
    """Before an approval: what fits the channel as it is now, with the text as it is now. Raises Refused."""
    if rows := list(draft.attachments.all()):
        _check(rows, text, limit_of(draft.conversation))


def _check(rows: Sequence[Attachment], text: str, limit: Limit) -> None:
    if not limit.files:
        raise _unfit(_("This channel takes no files with a text. Share a link instead."))
    if len(rows) > limit.files:
        said = ngettext(
            "This channel takes %(most)s file per reply. Remove the others, or send them in another reply.",
            "This channel takes %(most)s files per reply. Remove the others, or send them in another reply.",
            limit.files,
        )
        raise _unfit(said % {"most": limit.files})
    for row in rows:
        if row.content_type not in limit.types:
            raise _unfit(_wrong_type(row.name, limit))
        most = min(limit.most_of(file_types.category(row.content_type)), settings.ATTACHMENTS_MAX_BYTES)
        if row.size > most:
            raise _unfit(_too_large(row.name, most))
    most = min(limit.total or settings.ATTACHMENTS_MAX_BYTES, settings.ATTACHMENTS_MAX_BYTES)
    if sum(row.size for row in rows) > most:
        raise _unfit(
            _(
                "The files of one reply may have %(most)s together on this channel. Remove one, or share a link instead."
            )
            % {"most": filesizeformat(most)}
        )
    if limit.text is not None and len(text) > limit.text:
        raise _unfit(
            _("With a file, this channel takes a text of up to %(most)s characters; this one has %(count)s. Shorten it, or "
              "remove the file and share a link.") % {"most": limit.text, "count": len(text)}
        )  # fmt: skip


def _wrong_type(name: str, limit: Limit) -> str:
    endings = sorted(file_types.EXTENSIONS[one][0].removeprefix(".").upper() for one in limit.types)
    return _("%(name)s: this channel takes %(types)s. Convert it, or share a link instead.") % {
        "name": name, "types": ", ".join(endings),
    }  # fmt: skip


def _too_large(name: str, most: int) -> str:
    return _("%(name)s is larger than %(most)s, the limit here. Make it smaller, or share a link instead.") % {
        "name": name, "most": filesizeformat(most),
    }  # fmt: skip


def _check_room(rows: Sequence[Attachment]) -> None:
    used, most = (
        Attachment.objects.aggregate(used=Sum("size"))["used"] or 0,
        settings.ATTACHMENTS_SITE_MAX_MB * MB,
    )
    if used + sum(row.size for row in rows) > most:
        raise _unfit(
            _("The site's %(most)s for files are full. Ask an Operator to raise ATTACHMENTS_SITE_MAX_MB or to "
                "delete old files sooner.") % {"most": filesizeformat(most)}
        )  # fmt: skip


def _unfit(detail: str) -> Refused:
    return Refused("attachments", detail)


# What is sent


def approved_files(draft: Draft) -> list[File]:
    """The frozen ones, in their order. Raises Permanent where a content is not the approved one: a person has to look."""
    rows = Attachment.objects.defer(None).in_bulk([one["id"] for one in draft.approved_attachments])
    return [_approved(rows.get(one["id"]), one) for one in draft.approved_attachments]


def _approved(row: Attachment | None, approved: dict[str, Any]) -> File:
    content = bytes(row.content) if row else b""
    if row is None or hashlib.sha256(content).hexdigest() != approved["sha256"]:
        raise Permanent(f"The file {approved['name']} is not there any more as it was approved.")
    return File(approved["name"], approved["type"], content)


def size_of(draft: Draft) -> int:
    """Bytes of what was approved."""
    return sum(one["size"] for one in draft.approved_attachments)
