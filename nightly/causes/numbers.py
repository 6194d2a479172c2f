"""How often a cause fails now, and how often before. What that is called softens nothing: red is red. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import dropwhile, takewhile

from nightly.attempts import Attempt
from nightly.causes.fisher import fisher

UNLIKELY = 0.05
"""Below this probability, what happens now is not taken for chance. Nights that all failed are counted as one now: that
makes "regression" likelier, never less likely."""


@dataclass(frozen=True)
class Night:
    """One run: on how many clusters a cause's tests were decided, and on how many of these it failed.

    `attempt` is one that failed, if any did.
    """

    attempt: Attempt
    failed: int
    clusters: int


@dataclass(frozen=True)
class Numbers:
    """`now` are the newest nights, all of which failed; `before` the earlier ones since the first that failed.

    Where none failed earlier, `before` are all earlier ones. Newest first; `now` is empty where the cause is not red.
    """

    now: Sequence[Night]
    before: Sequence[Night]
    seen_before: bool

    @property
    def failed_now(self) -> int:
        """How many clusters failed in the newest nights, each night counted."""
        return sum(each.failed for each in self.now)

    @property
    def runs_now(self) -> int:
        """On how many clusters it was decided in these nights."""
        return sum(each.clusters for each in self.now)

    @property
    def failed_before(self) -> int:
        """How many failed earlier."""
        return sum(each.failed for each in self.before)

    @property
    def runs_before(self) -> int:
        """Of how many."""
        return sum(each.clusters for each in self.before)

    @property
    def p(self) -> float:
        """How likely so many failures now are, if nothing has changed."""
        return fisher(self.failed_now, self.runs_now, self.failed_before, self.runs_before)

    @property
    def rate(self) -> float:
        """The part that failed earlier, since the first night that did."""
        return self.failed_before / self.runs_before if self.runs_before else 0.0

    @property
    def regression(self) -> bool:
        """Whether it fails more often than before, and that is not taken for chance."""
        return bool(self.now) and self.p < UNLIKELY


def numbers(nights: Sequence[Night], red: bool) -> Numbers:
    """What is counted of the nights in which a cause's tests were decided, newest first; at least one failed.

    A red cause may have newer nights, of other selections, in which the test that fails was not run.
    """
    newest = list(dropwhile(lambda each: not each.failed, nights)) if red else list(nights)
    now = list(takewhile(lambda each: each.failed, newest)) if red else []
    earlier = newest[len(now) :]
    first = max((number for number, each in enumerate(earlier) if each.failed), default=None)
    return Numbers(now, earlier if first is None else earlier[: first + 1], first is not None)
