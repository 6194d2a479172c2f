"""A fact: what was read and how, or why it was not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")

LOGIN = "--ssh USER, or an inventory"
"""What a fact needs that only a login to its machine reads: without one, its checks are undecided by design."""


class Unknown(Exception):
    """A fact that a rule needs was not read. `needs` is the access or permission that would read it; may be empty."""

    def __init__(self, reason: str, needs: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.needs = needs


@dataclass(frozen=True)
class Fact(Generic[T]):
    """What was read, or why not: either `value` is there, or `missing` is a sentence.

    `how` is what was typed or requested, as a person could repeat it.
    """

    how: str
    value: T | None = None
    missing: str = ""
    needs: str = ""

    @property
    def known(self) -> bool:
        """Whether the fact was read."""
        return not self.missing

    def get(self) -> T:
        """The value; raises Unknown."""
        if self.missing:
            raise Unknown(self.missing, self.needs)
        assert self.value is not None, f"{self.how}: neither a value nor a reason"
        return self.value


def unread(reason: str, needs: str = "", how: str = "") -> Fact[T]:
    """A fact that was not read."""
    return Fact(how, None, reason, needs)
