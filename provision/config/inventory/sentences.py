"""What there is to say of a file: one sentence a cause, however many hosts it is about."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

_NAMED = 8  # hosts that are named in a sentence; a line of a terminal


class Sentences:
    """Sentences, each with the names of what it is about, in the order in which they were given."""

    def __init__(self) -> None:
        self._about: dict[str, list[str]] = {}

    def __len__(self) -> int:
        return sum(len(names) for names in self._about.values())

    def say(self, about: str, sentence: str) -> None:
        """Say a sentence of a host, or of `the file`; once of each."""
        names = self._about.setdefault(sentence, [])
        if about not in names:
            names.append(about)

    @property
    def lines(self) -> tuple[str, ...]:
        """`one, two: is …`, a line for each sentence."""
        return tuple(f"{listed(names)}: {sentence}" for sentence, names in self._about.items())


def listed(names: Iterable[str]) -> str:
    """Names in a row, the first of them where they are many."""
    each: Sequence[str] = list(names)
    more = f" and {len(each) - _NAMED} more" if len(each) > _NAMED else ""
    return ", ".join(each[:_NAMED]) + more
