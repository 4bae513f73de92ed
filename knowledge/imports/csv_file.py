"""A CSV file with a header: title and body, and any other field of an article. Comma, semicolon or tab; UTF-8."""

import csv
import io
from collections.abc import Iterator
from typing import Any

from . import parser_errors, texts
from .found import CannotRead, Found, checked, without_duplicates
from .markdown_files import KEYS, Misread, decoded

COLUMNS = {**KEYS, "body": "body", "answer": "body"}
MOST_ROWS = 20_000
MOST_CELL = 500_000  # characters


def read(data: bytes, *, language: str) -> list[Found]:
    try:
        text = decoded(data)
    except Misread as error:
        raise CannotRead(_at(error.line, str(error))) from error
    csv.field_size_limit(MOST_CELL)
    rows = _numbered(csv.reader(io.StringIO(text), delimiter=_delimiter(text), strict=True))
    _, names = next(rows, (1, []))
    header = [COLUMNS.get(name.strip().lower(), "") for name in names]
    if not {"title", "body"} <= set(header):
        raise CannotRead(_at(1, texts.NO_COLUMNS))
    return list(without_duplicates(_rows(rows, header, language=language)))


def _numbered(rows: Any) -> Iterator[tuple[int, list[str]]]:
    """Each row with the line it begins in: one with an open quotation mark ends at the file's end."""
    while True:
        begin = rows.line_num + 1
        try:
            row = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            raise CannotRead(_at(begin, parser_errors.of_csv(error))) from error
        yield begin, row


def _at(line: int, problem: str) -> str:
    return f"{texts.FIRST_LINES % {'n': line}}: {problem}"


def _delimiter(text: str) -> str:
    first = text.partition("\n")[0]
    return max(",;\t", key=first.count)


def _rows(rows: Iterator[tuple[int, list[str]]], header: list[str], *, language: str) -> Iterator[Found]:
    for count, (begin, row) in enumerate(rows, 1):
        where = texts.LINE % {"n": begin}
        if count > MOST_ROWS:
            raise CannotRead(texts.MANY_ROWS % {"n": f"{MOST_ROWS:,}"})
        if not any(cell.strip() for cell in row):
            continue
        yield _article(row, header, where, language=language)


def _article(row: list[str], header: list[str], where: str, *, language: str) -> Found:
    named = dict(zip(header, row, strict=False))
    ref = (named.get("slug") or named.get("title") or where).strip()[:500]
    if len(row) != len(header):
        return Found(ref, where, problem=texts.COLUMNS % {"n": len(row), "header": len(header)})
    values = {name: value for name, value in named.items() if name and value.strip()}
    if "is_policy" in values:
        flag = values.pop("is_policy").strip().lower()
        if flag not in ("true", "yes", "1", "false", "no", "0"):
            return Found(ref, where, problem=texts.NOT_A_FLAG % {"key": "policy"})
        return checked(ref, where, values | {"is_policy": flag in ("true", "yes", "1")}, language=language)
    return checked(ref, where, values, language=language)
