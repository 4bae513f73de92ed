"""docs/attachments.md has the table of limits as the code has it."""

from pathlib import Path

from knowledge.files import file_types
from knowledge.files.channel_limits import LIMITS, MB, Limit

DOCUMENT = Path(__file__).parents[3] / "docs" / "attachments.md"


def kinds(limit: Limit) -> str:
    if limit.types == file_types.KNOWN:
        return "all"
    return (
        ", ".join(sorted(file_types.EXTENSIONS[one][0].removeprefix(".").upper() for one in limit.types))
        or "none"
    )


def row(channel: str, limit: Limit) -> str:
    each = ", ".join(f"{name} {size // MB} MB" for name, size in limit.each.items()) or "–"
    total, text = f"{limit.total // MB} MB" if limit.total else "–", str(limit.text or "–")
    cells = (
        channel.removeprefix("Channel::"),
        str(limit.files),
        total,
        each,
        kinds(limit),
        text,
        limit.source,
    )
    return f"| {' | '.join(cells)} |"


def test_the_documents_table_is_the_codes():
    text = DOCUMENT.read_text()

    missing = [line for line in (row(*one) for one in LIMITS.items()) if line not in text]
    assert missing == []
