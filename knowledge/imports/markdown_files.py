"""A folder or a zip of Markdown files with front matter: title, language, slug and the other fields of an article.

Nothing is unpacked to disk. Sizes are counted while reading, since a zip may lie about them.
"""

import io
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath
from typing import Any

import yaml

from webhooks import parsing

from ..articles.fields import slug_from
from . import parser_errors, texts
from .found import CannotRead, Found, checked, stem, without_duplicates

ENDINGS = (".md", ".markdown")
PAGES_OF_FOLDERS = ("index", "_index", "readme")
# RuntimeError: a file with a password.
UNREADABLE = (
    zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, NotImplementedError, ValueError,
)  # fmt: skip
MOST_FILES = 20_000
MOST_FILE = 2**20  # bytes, unpacked
MOST_ALL = 200 * 2**20
MOST_FRONT_MATTER = 20_000  # characters
FENCE = re.compile(r"^---[ \t]*$", re.MULTILINE)
HEADING = re.compile(r"\s*# +(.+?)[ #]*(?:\n|$)")
# Front matter → field; any other key is left alone, as other tools write their own.
KEYS = {
    "title": "title", "language": "language", "lang": "language", "locale": "language", "slug": "slug",
    "question": "question", "keywords": "keywords", "review_by": "review_by", "valid_until": "valid_until",
    "policy": "is_policy", "translations": "group",
}  # fmt: skip
File = tuple[str, bytes | str]  # the bytes, or why they cannot be read


def read_folder(path: Path, *, language: str) -> list[Found]:
    return _articles(_in_folder(path), language=language)


def read_zip(data: bytes, *, language: str) -> list[Found]:
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise CannotRead(texts.NOT_A_ZIP) from error
    with archive:
        return _articles(_in_zip(archive), language=language)


def _articles(files: Iterator[File], *, language: str) -> list[Found]:
    found = list(without_duplicates(_apart(_article(name, data, language=language) for name, data in files)))
    if not found:
        raise CannotRead(texts.NO_FILES)
    return found


def _apart(rows: Iterable[Found]) -> Iterator[Found]:
    """Files of one name in several folders, such as translations: all but the first are called by their folder too."""
    taken: set[str] = set()
    for row in rows:
        slug = row.values.get("slug", "")
        if slug in taken and slug == _slug_of(row.ref):
            row.values["slug"] = slug = slug_from(stem(row.ref).replace("/", " "))
        taken.add(slug)
        yield row


def _slug_of(name: str) -> str:
    """Of a file: its name, or its folder's if it is the folder's page."""
    *folders, last = PurePosixPath(name).parts
    own = stem(last)
    return slug_from(folders[-1] if folders and own.casefold() in PAGES_OF_FOLDERS else own)


def _in_folder(path: Path) -> Iterator[File]:
    if not path.is_dir():
        raise CannotRead(texts.NOT_A_FOLDER % {"path": path})
    root, size = path.resolve(), 0
    names = sorted(file for file in path.rglob("*") if file.suffix.lower() in ENDINGS)
    _check_count(len(names))
    for file in names:
        name = parsing.clean(file.relative_to(path).as_posix())  # not every file system writes UTF-8
        if not file.resolve().is_relative_to(root):
            yield name, texts.LINK_LEADS_OUT
        elif file.is_file() and not _is_hidden(name):
            try:
                with file.open("rb") as stream:
                    data = stream.read(MOST_FILE + 1)
            except OSError as error:
                yield name, texts.UNREADABLE % {"error": error.strerror}
                continue
            size = _check_size(size + len(data))
            yield name, data


def _in_zip(archive: zipfile.ZipFile) -> Iterator[File]:
    entries = [entry for entry in archive.infolist() if entry.filename.lower().endswith(ENDINGS)]
    _check_count(len(entries))
    size = 0
    for entry in sorted(entries, key=lambda entry: entry.filename):
        name = parsing.clean(entry.filename)
        if _leaves_its_folder(name):
            yield name, texts.PATH_LEADS_OUT
            continue
        if entry.is_dir() or _is_hidden(name):
            continue
        try:
            with archive.open(entry) as stream:
                data = stream.read(MOST_FILE + 1)  # stops a zip bomb: the rest is never unpacked
        except UNREADABLE as error:
            yield name, texts.DAMAGED % {"error": str(error)[:80]}
            continue
        size = _check_size(size + len(data))
        yield name, data


def _is_hidden(name: str) -> bool:
    return any(part.startswith((".", "__MACOSX")) and part != ".." for part in PurePosixPath(name).parts)


def _leaves_its_folder(name: str) -> bool:
    return name.startswith(("/", "\\")) or ".." in re.split(r"[/\\]", name) or ":" in name[:3]


def _check_count(count: int) -> None:
    if count > MOST_FILES:
        raise CannotRead(texts.MANY_FILES % {"n": f"{count:,}", "most": f"{MOST_FILES:,}"})


def _check_size(size: int) -> int:
    if size > MOST_ALL:
        raise CannotRead(texts.LARGE_FILES % {"n": MOST_ALL // 2**20})
    return size


def _article(name: str, data: bytes | str, *, language: str) -> Found:
    if isinstance(data, str):
        return Found(name, name, problem=data)
    if len(data) > MOST_FILE:
        return Found(name, name, problem=texts.LARGE_FILE % {"n": f"{MOST_FILE // 1024:,}"})
    try:
        text = decoded(data)
        values, body = _split(text)
    except Misread as error:
        return Found(name, _line(name, error.line), problem=str(error))
    if not values.get("title") and (heading := HEADING.match(body)):
        values["title"], body = heading[1].strip(), body[heading.end() :]
    values = {"slug": _slug_of(name)} | {key: value for key, value in values.items() if value != ""}
    line = 1 + text[: len(text) - len(body)].count("\n") if not body.strip() else 1
    return checked(name, _line(name, line), values | {"body": body}, language=language)


def _line(name: str, number: int) -> str:
    return texts.IN_FILE % {"name": name, "n": number}


class Misread(Exception):
    def __init__(self, text: str, line: int) -> None:
        super().__init__(text)
        self.line = line


def decoded(data: bytes) -> str:
    """UTF-8, or UTF-16 that says so. Raises Misread with the line."""
    encoding = "utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        return data.decode(encoding).replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise Misread(texts.NOT_UTF8, line) from error


def _split(text: str) -> tuple[dict[str, Any], str]:
    """(fields, body). Raises Misread."""
    if not FENCE.match(text):
        return {}, text
    begin = text.index("\n") + 1 if "\n" in text else len(text)
    end = FENCE.search(text, begin)
    if end is None:
        raise Misread(texts.OPEN_FRONT_MATTER, 1)
    front, body = text[begin : end.start()], text[end.end() :].removeprefix("\n")
    if len(front) > MOST_FRONT_MATTER:
        raise Misread(texts.LONG_FRONT_MATTER % {"n": f"{MOST_FRONT_MATTER:,}"}, 1)
    return _fields(front), body


def _fields(front: str) -> dict[str, Any]:
    try:
        found = yaml.load(front, Loader=yaml.BaseLoader) or {}  # noqa: S506  (texts, lists and mappings only)
    except (yaml.YAMLError, RecursionError) as error:
        problem, line = parser_errors.of_yaml(error)
        raise Misread(problem, line + 2) from error
    if not isinstance(found, dict):
        raise Misread(texts.NO_LINES, 2)
    values: dict[str, Any] = {}
    for key, value in found.items():
        if (name := KEYS.get(str(key).lower())) is None:
            continue
        if isinstance(value, list) and name == "keywords":
            value = " ".join(map(str, value))
        if not isinstance(value, str):
            raise Misread(texts.NOT_ONE_TEXT % {"key": key}, _line_of(front, key))
        values[name] = _flag(key, value, front) if name == "is_policy" else value
    return values


def _flag(key: str, value: str, front: str) -> bool:
    known = {"true": True, "yes": True, "false": False, "no": False, "": False}
    if value.lower() not in known:
        raise Misread(texts.NOT_A_FLAG % {"key": key}, _line_of(front, key))
    return known[value.lower()]


def _line_of(front: str, key: str) -> int:
    lines = front.split("\n")
    return next((number for number, line in enumerate(lines, 2) if line.startswith(f"{key}:")), 2)
