"""Finds words that docs/style/words.txt keeps out of pages, strings, docstrings, comments and documents. One of make's own.

Run as `python -m support_site.documents.words`: prints a line for each place and exits 1, or says that there is none.
"""

import io
import re
import subprocess
import sys
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LIST = "docs/style/words.txt"
GIT = ("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
CODE = ("webhooks/", "knowledge/", "reports/", "support_site/")
# What a reader of the site never sees: tags in a template (but for texts to translate), code in a document.
IN_TEMPLATE = re.compile(
    r"\{%(?!\s*translate\b).*?%\}|\{\{.*?\}\}|\{#.*?#\}|<script\b.*?</script>", re.DOTALL
)
IN_DOCUMENT = re.compile(r"^```.*?^```|`[^`\n]*`|\]\([^)]*\)|https?://\S+", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True)
class Word:
    """pattern: as the list has it. found: the expression that finds it."""

    pattern: str
    instead: str
    found: re.Pattern[str]


@dataclass(frozen=True)
class Place:
    path: str
    line: int
    text: str
    word: Word

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: “{self.text}”: write {self.word.instead}"


def read(text: str) -> tuple[list[Word], set[tuple[str, str]]]:
    """The words, and the excused (path, pattern). Raises ValueError naming a line that has another form."""
    words: list[Word] = []
    excused: set[tuple[str, str]] = set()
    for number, line in enumerate(text.splitlines(), 1):
        parts = [part.strip() for part in line.split("|")]
        if not line.strip() or line.startswith("#"):
            continue
        if parts[0] == "allow" and len(parts) == 4:
            excused.add((parts[1], parts[2]))
        elif parts[0] != "allow" and len(parts) == 3 and all(parts):
            words += [Word(one, parts[1], _expression(one)) for one in map(str.strip, parts[0].split(","))]
        else:
            raise ValueError(
                f"{LIST}:{number}: write “pattern | instead | why” or “allow | path | pattern | why”."
            )
    return words, excused


def _expression(pattern: str) -> re.Pattern[str]:
    spelled = r"\s+".join(re.escape(part).replace(r"\*", r"\w*") for part in pattern.split())
    return re.compile(rf"(?<![\w-]){spelled}(?![\w-])", re.IGNORECASE)


def prose(path: str, text: str) -> Iterator[tuple[int, str]]:
    """Line numbers and the text that people read there."""
    if path.endswith(".py"):
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type in (tokenize.STRING, tokenize.COMMENT) or token.type == FSTRING_MIDDLE:
                yield token.start[0], token.string
    else:
        hidden = IN_DOCUMENT if path.endswith(".md") else IN_TEMPLATE
        yield 1, hidden.sub(lambda code: "\n" * code.group().count("\n") or " ", text)


FSTRING_MIDDLE = getattr(tokenize, "FSTRING_MIDDLE", None)  # Python 3.12 cuts f-strings up


def find(path: str, text: str, words: list[Word], excused: set[tuple[str, str]]) -> Iterator[Place]:
    looked_for = [word for word in words if (path, word.pattern) not in excused]
    for first, part in prose(path, text):
        for word in looked_for:
            for hit in word.found.finditer(part):
                yield Place(
                    path, first + part.count("\n", 0, hit.start()), " ".join(hit.group().split()), word
                )


def is_read(path: str) -> bool:
    """Our pages, code and documents; no tests, no migrations, and not the changelog of what was."""
    if path.startswith(CODE):
        return path.endswith((".py", ".html", ".txt", ".js")) and "/migrations/" not in path
    return path.endswith(".md") and not path.startswith(("feedback/", "tests/"))


def main() -> int:
    words, excused = read((ROOT / LIST).read_text())
    listed = subprocess.run(GIT, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0")
    paths = [path for path in listed if is_read(path) and (ROOT / path).is_file()]
    places = [place for path in paths for place in find(path, (ROOT / path).read_text(), words, excused)]
    for place in places:
        print(place)
    if places:
        print(f"{len(places)} words that {LIST} keeps out. An excuse is a line there, with its reason.")
        return 1
    print(f"No word of {LIST} in {len(paths)} files.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
