"""A CSV file with a header: title and body, and any other field of an article. Comma, semicolon or tab; UTF-8."""

import csv
import io

from .found import CannotRead, Found, checked, without_duplicates
from .markdown_files import KEYS, Misread, decoded

COLUMNS = {**KEYS, "body": "body", "answer": "body"}
MOST_ROWS = 20_000
MOST_CELL = 500_000  # characters


def read(data: bytes, *, language: str) -> list[Found]:
    try:
        text = decoded(data)
    except Misread as error:
        raise CannotRead(f"Line {error.line}: {error}") from error
    csv.field_size_limit(MOST_CELL)
    rows = csv.reader(io.StringIO(text), delimiter=_delimiter(text), strict=True)
    try:
        header = [COLUMNS.get(name.strip().lower(), "") for name in next(rows, [])]
        if not {"title", "body"} <= set(header):
            raise CannotRead("Line 1: the first line must name the columns, with title and body among them.")
        return list(without_duplicates(_rows(rows, header, language=language)))
    except csv.Error as error:
        raise CannotRead(f"Line {rows.line_num}: {error}.") from error


def _delimiter(text: str) -> str:
    first = text.partition("\n")[0]
    return max(",;\t", key=first.count)


def _rows(rows, header: list[str], *, language: str):  # type: ignore[no-untyped-def]
    begin = rows.line_num + 1
    for count, row in enumerate(rows, 1):
        where, begin = f"line {begin}", rows.line_num + 1
        if count > MOST_ROWS:
            raise CannotRead(f"There are over {MOST_ROWS:,} rows. Import them in parts.")
        if not any(cell.strip() for cell in row):
            continue
        yield _article(row, header, where, language=language)


def _article(row: list[str], header: list[str], where: str, *, language: str) -> Found:
    named = dict(zip(header, row, strict=False))
    ref = (named.get("slug") or named.get("title") or where).strip()[:500]
    if len(row) != len(header):
        return Found(ref, where, problem=f"it has {len(row)} columns; the header has {len(header)}.")
    values = {name: value for name, value in named.items() if name and value.strip()}
    if "is_policy" in values:
        flag = values.pop("is_policy").strip().lower()
        if flag not in ("true", "yes", "1", "false", "no", "0"):
            return Found(ref, where, problem="policy must be true or false.")
        return checked(ref, where, values | {"is_policy": flag in ("true", "yes", "1")}, language=language)
    return checked(ref, where, values, language=language)
