"""What a file is, by its content. The browser's content type and the extension are not trusted. Pure.

A type that is not listed cannot be attached: what nobody can name, nobody can approve. Web pages and SVG are not listed,
because they run scripts where they are opened.
"""

import io
import re
import zipfile
from dataclasses import dataclass

from PIL import Image

PICTURES = {"PNG": "image/png", "JPEG": "image/jpeg", "GIF": "image/gif", "WEBP": "image/webp"}
_OFFICE = "application/vnd.openxmlformats-officedocument."
DOCX, XLSX = f"{_OFFICE}wordprocessingml.document", f"{_OFFICE}spreadsheetml.sheet"
PPTX, ODT = f"{_OFFICE}presentationml.presentation", "application/vnd.oasis.opendocument.text"
DOC, XLS, PPT = "application/msword", "application/vnd.ms-excel", "application/vnd.ms-powerpoint"
PDF, ZIP = "application/pdf", "application/zip"
# Content type → the extensions that it may have; the first is added to a name that has none of them.
EXTENSIONS: dict[str, tuple[str, ...]] = {
    "image/png": (".png",), "image/jpeg": (".jpg", ".jpeg"), "image/gif": (".gif",), "image/webp": (".webp",),
    "audio/mpeg": (".mp3",), "audio/mp4": (".m4a",), "audio/ogg": (".ogg", ".oga", ".opus"), "audio/wav": (".wav",),
    "audio/amr": (".amr",), "audio/aac": (".aac",),
    "video/mp4": (".mp4", ".m4v"), "video/3gpp": (".3gp",), "video/quicktime": (".mov",), "video/webm": (".webm",),
    PDF: (".pdf",), ZIP: (".zip",), "application/x-7z-compressed": (".7z",), "application/vnd.rar": (".rar",),
    DOCX: (".docx",), XLSX: (".xlsx",), PPTX: (".pptx",), ODT: (".odt",), DOC: (".doc",), XLS: (".xls",), PPT: (".ppt",),
    "text/plain": (".txt", ".log", ".md"), "text/csv": (".csv",), "text/rtf": (".rtf",), "application/json": (".json",),
}  # fmt: skip
KNOWN = frozenset(EXTENSIONS)
SHOWN_IN_PAGES = frozenset(PICTURES.values())
STARTS: tuple[tuple[bytes, str], ...] = (
    (b"%PDF-", PDF), (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"), (b"Rar!\x1a\x07", "application/vnd.rar"),
    (b"OggS", "audio/ogg"), (b"ID3", "audio/mpeg"), (b"\xff\xfb", "audio/mpeg"), (b"\xff\xf3", "audio/mpeg"),
    (b"\xff\xf1", "audio/aac"), (b"\xff\xf9", "audio/aac"), (b"#!AMR", "audio/amr"), (b"\x1aE\xdf\xa3", "video/webm"),
    (b"{\\rtf", "text/rtf"),
)  # fmt: skip
# The folder that each kind of office document has in its archive.
PARTS = (("word/", DOCX), ("xl/", XLSX), ("ppt/", PPTX))
OLD_OFFICE = {".doc": DOC, ".xls": XLS, ".ppt": PPT}
TEXTS = {".csv": "text/csv", ".json": "application/json"}
BRANDS = {b"M4A ": "audio/mp4", b"M4B ": "audio/mp4", b"qt  ": "video/quicktime"}
ACTIVE = (b"<html", b"<!doctype", b"<svg", b"<script", b"<?xml", b"<body", b"<iframe")
LOOKED_AT = 4096  # bytes
CONTROLS = re.compile(rb"[\x00-\x08\x0b\x0e-\x1f\x7f]")  # in no text


@dataclass(frozen=True)
class Kind:
    """content_type: empty where the content is none of the known types. active: a page or a picture that can run scripts."""

    content_type: str
    active: bool = False


def kind_of(content: bytes, *, extension: str) -> Kind:
    """extension: decides only between types that look alike, such as CSV and plain text."""
    if picture := _picture(content):
        return Kind(picture)
    for start, content_type in STARTS:
        if content.startswith(start):
            return Kind(content_type)
    if content.startswith(b"PK\x03\x04"):
        return Kind(_archive(content))
    if content.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return Kind(OLD_OFFICE.get(extension, ""))
    if content[4:8] == b"ftyp":
        brand = content[8:12]
        return Kind(BRANDS.get(brand, "video/3gpp" if brand.startswith(b"3g") else "video/mp4"))
    if content[:4] == b"RIFF" and content[8:12] == b"WAVE":
        return Kind("audio/wav")
    return _text(content, extension)


def category(content_type: str) -> str:
    """image, audio, video or document: what channels limit."""
    head = content_type.partition("/")[0]
    return head if head in ("image", "audio", "video") else "document"


def _picture(content: bytes) -> str:
    try:
        with Image.open(io.BytesIO(content), formats=tuple(PICTURES)) as picture:
            found = PICTURES.get(picture.format or "", "")
            picture.verify()
    except (
        OSError,
        SyntaxError,
        ValueError,
        Image.DecompressionBombError,
    ):  # Pillow's for what it cannot read
        return ""
    return found


def _archive(content: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = archive.namelist()
            if "mimetype" in names and archive.getinfo("mimetype").file_size < 100:
                return ODT if archive.read("mimetype") == ODT.encode() else ZIP
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, ValueError, EOFError):
        return ""
    if "[Content_Types].xml" in names:
        return next((found for folder, found in PARTS if any(name.startswith(folder) for name in names)), ZIP)
    return ZIP


def _text(content: bytes, extension: str) -> Kind:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return Kind("")
    if CONTROLS.search(content) or not content.strip():
        return Kind("")
    start = content[:LOOKED_AT].lower()
    if any(mark in start for mark in ACTIVE):
        return Kind("", active=True)
    return Kind(TEXTS.get(extension, "text/plain"))
