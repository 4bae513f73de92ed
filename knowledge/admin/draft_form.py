"""The decision form as a person filled it in, kept even if the verb is refused. Reads input; decides nothing."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, QueryDict

from ..models import Draft, UnsavedText
from ..replies import decisions


@dataclass
class Typed:
    """`seen`: the newest customer message on the page. `approval`: how often the draft had been approved then."""

    text: str
    revision: int
    approval: int = 0
    seen: int | None = None
    grades: dict[str, int | None] = field(default_factory=dict)
    note: str = ""
    reason: str = ""
    owner: str = ""
    level: str = ""
    kind: str = ""
    instructions: str = ""
    article: str = ""
    then: str = ""
    to: list[str] | None = None
    cc: list[str] | None = None
    meant: bool = False
    no_article: bool = False
    files: Sequence[UploadedFile] = ()
    attachment: int | None = None

    @classmethod
    def of(cls, draft: Draft) -> "Typed":
        note = draft.note if draft.status == Draft.Status.SECOND_LOOK else ""  # what the first person said
        return cls(text=draft.body, revision=draft.revision, approval=draft.approval, note=note)

    @classmethod
    def kept(cls, draft: Draft, unsaved: UnsavedText) -> "Typed":
        grades = {name: unsaved.grades.get(name) for name in decisions.GRADES}
        return cls(
            text=unsaved.text, revision=unsaved.revision, approval=draft.approval, grades=grades, note=unsaved.note
        )  # fmt: skip

    @classmethod
    def posted(cls, request: HttpRequest, draft: Draft) -> "Typed":
        sent = request.POST
        texts = {
            name: sent.get(name, "").strip()
            for name in ("note", "reason", "owner", "level", "kind", "instructions", "article", "then")
        }
        return cls(
            text=same_breaks(sent.get("text", draft.body), draft.body), revision=number(sent.get("revision")) or 0,
            approval=draft.approval if "approval" not in sent else number(sent.get("approval")) or 0,
            seen=number(sent.get("newest_message_id")), grades=grades(sent), to=_addresses(sent.get("to")),
            cc=_addresses(sent.get("cc")), meant=sent.get("meant") == "1", no_article="no_article" in sent,
            files=request.FILES.getlist("files"), attachment=number(sent.get("attachment")), **texts,
        )  # fmt: skip


def grades(sent: QueryDict) -> dict[str, int | None]:
    return {name: number(sent.get(name)) for name in decisions.GRADES}


def same_breaks(text: str, body: str) -> str:
    """Browsers post line breaks as CRLF, whatever the text had: a comparison must not see an edit."""
    text = text.replace("\r\n", "\n")
    return body if text == body.replace("\r\n", "\n") else text


def number(value: str | None) -> int | None:
    return int(value) if value and value.isascii() and value.isdigit() and len(value) < 19 else None


def _addresses(value: str | None) -> list[str] | None:
    """None: the form has no such field, as for chats."""
    return None if value is None else [part for part in re.split(r"[,;\s]+", value) if part]
