"""One fact of a text, and the keys that make two spellings of it equal. Pure. What is found: facts.py."""

from dataclasses import dataclass

Key = tuple[str, ...]


@dataclass(frozen=True)
class Fact:
    """shown: as the text says it. needs: any of these supports it. gives: what a source that says it supports."""

    shown: str
    needs: frozenset[Key]
    gives: frozenset[Key]

    def agrees(self, other: "Fact") -> bool:
        """Whether one of the two supports the other."""
        return bool(self.needs & other.gives or other.needs & self.gives)


Placed = tuple[int, int, Fact]  # start, end


def same(shown: str, kind: str, value: str) -> Fact:
    """Supported by the same fact only."""
    return Fact(shown, one(kind, value), one(kind, value))


def one(kind: str, value: str) -> frozenset[Key]:
    return frozenset({(kind, value)})


def numbers(meant: set[float]) -> frozenset[Key]:
    return frozenset(("number", f"{value:g}") for value in meant)


def time_of(hour: int, minute: int = 0) -> frozenset[Key]:
    return one("time", f"{hour}:{minute:02d}")
