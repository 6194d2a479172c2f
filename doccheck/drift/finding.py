"""One thing to tell a writer or translator."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum


class Weight(IntEnum):
    """How much a finding matters to who follows the page."""

    REMARK = 1
    MISLEADS = 2
    BREAKS = 3


@dataclass(frozen=True)
class Finding:
    """What was found at a line of a page, and how to mend it.

    `check` names the rule, `block` the block's id; `others` are blocks that it is about as well.
    """

    weight: Weight
    check: str
    line: int
    block: str
    what: str
    mend: str = ""
    others: tuple[str, ...] = ()
