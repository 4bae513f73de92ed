"""The files of a draft on its page: what is shown of them, the buttons that attach and detach, and their download.

A form that brings files may be larger than others: `brings_files` marks its view for the size limit of requests.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, TypeVar

from django.conf import settings
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.defaultfilters import filesizeformat
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from webhooks.models import Conversation, Message

from ..files import file_types
from ..models import Draft
from ..replies import attachments
from ..replies.states import Refused
from . import draft_autosave, draft_form
from .draft_form import Typed

FORM_BYTES = 2**20  # of a form besides its files
V = TypeVar("V", bound=Callable[..., HttpResponse])


def brings_files(view: V) -> V:
    setattr(view, "most_body", settings.ATTACHMENTS_MAX_BYTES + FORM_BYTES)  # noqa: B010  (read by middleware.RequestSizeLimit)
    return view


def attach(draft: Draft, typed: Typed, by: User, now: datetime) -> tuple[Draft, str]:
    if not typed.files:
        raise Refused("attachments", _("Choose a file first."))
    attachments.attach(draft, files=typed.files, by=by, revision=typed.revision, now=now)
    _keep_typed(draft, typed, by, now)
    return draft, _("Attached. The draft is now at revision %(revision)s.") % {"revision": draft.revision}


def detach(draft: Draft, typed: Typed, by: User, now: datetime) -> tuple[Draft, str]:
    attachments.detach(draft, number=typed.attachment or 0, by=by, revision=typed.revision, now=now)
    _keep_typed(draft, typed, by, now)
    return draft, _("Removed. The draft is now at revision %(revision)s.") % {"revision": draft.revision}


def _keep_typed(draft: Draft, typed: Typed, by: User, now: datetime) -> None:
    """What the person was writing goes on from the revision that they have just made."""
    draft_autosave.keep(
        draft, by=by, text=typed.text, revision=draft.revision, note=typed.note, grades=typed.grades, now=now
    )  # fmt: skip


def rows(draft: Draft, url: str, sent: Message | None = None) -> Iterator[dict[str, Any]]:
    """url: of the downloads. sent: the message in Chatwoot, which has a copy of each file in the same order."""
    here = set(draft.attachments.values_list("pk", flat=True))
    copies = sent.attachments if sent and isinstance(sent.attachments, list) else []
    for place, file in enumerate(attachments.listed(draft)):
        at = f"{url}?number={file['id']}" if file["id"] in here else ""
        copy = copies[place] if place < len(copies) and isinstance(copies[place], dict) else {}
        yield file | {
            "url": at, "picture": bool(at) and file["type"] in file_types.SHOWN_IN_PAGES, "copy": copy.get("data_url") or "",
            "kind": file_types.EXTENSIONS.get(file["type"], (".",))[0].removeprefix(".").upper(),
        }  # fmt: skip


def limits(conversation: Conversation) -> dict[str, Any]:
    """For the form: what the file dialogue offers, how much the request may have, and the limits in words."""
    limit = attachments.limit_of(conversation)
    total = min(limit.total or settings.ATTACHMENTS_MAX_BYTES, settings.ATTACHMENTS_MAX_BYTES)
    endings = sorted(ending for one in limit.types for ending in file_types.EXTENSIONS[one])
    return {
        "files": limit.files,
        "most": total,
        "accept": ",".join(endings),
        "said": _said(limit.files, total),
    }


def _said(files: int, total: int) -> str:
    if not files:
        return _("This channel takes no files with a text.")
    said = ngettext("Up to %(files)s file, %(size)s.", "Up to %(files)s files, %(size)s together.", files)
    return said % {"files": files, "size": filesizeformat(total)}


def serve(model_admin: Any, request: HttpRequest, object_id: int) -> HttpResponse:
    """Downloads a file, with the rights of the draft's conversation. Only pictures are shown by the browser itself."""
    draft = model_admin.find(request, object_id)
    row = get_object_or_404(draft.attachments.all(), pk=draft_form.number(request.GET.get("number")) or 0)
    shown = row.content_type in file_types.SHOWN_IN_PAGES
    answer = HttpResponse(bytes(row.content), content_type=row.content_type)
    answer.headers["Content-Disposition"] = content_disposition_header(not shown, row.name) or "attachment"
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Cache-Control"] = "private, no-store"
    setattr(answer, "is_file", True)  # noqa: B010  (read by middleware.ContentSecurityPolicy)
    return answer
