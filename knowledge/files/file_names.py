"""The name under which a customer gets a file. A browser's word for it is not trusted. Pure."""

import re
import unicodedata
from pathlib import PurePosixPath

LONGEST = 120  # characters; file systems take 255 bytes
# What a path, a header or a shell gives a meaning to.
MARKS = re.compile(r"[\\/:*?\"<>|]")
# Rack decodes these in the name of an uploaded file.
ESCAPED = re.compile(r"%(?=\s?[0-9A-Fa-f]{2})")
NAMELESS = "file"


def clean(name: str) -> str:
    """Without folders, controls, invisible characters and marks. The extension stays; an empty name becomes "file"."""
    last = re.split(r"[\\/]", unicodedata.normalize("NFC", name))[-1]
    shown = "".join(one if unicodedata.category(one)[0] != "C" else "" for one in last)
    said = " ".join(ESCAPED.sub("_", MARKS.sub("_", shown)).split()).strip(". ")
    stem, extension = split(said)
    return (stem[: LONGEST - len(extension)].rstrip(". ") or NAMELESS) + extension


def split(name: str) -> tuple[str, str]:
    """("invoice", ".pdf"). What is longer than an extension, or has a space, is none."""
    extension = PurePosixPath(name).suffix
    if not re.fullmatch(r"\.[^\W_]{1,10}", extension):
        return name, ""
    return name.removesuffix(extension), extension


def with_extension(name: str, allowed: tuple[str, ...]) -> str:
    """The name as it is if its extension is one of these, else with the first of them added: its content decides."""
    extension = split(name)[1].lower()
    return name if extension in allowed else clean(f"{name}{allowed[0]}")
