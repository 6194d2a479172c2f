"""Which machines have something else than the others."""

from __future__ import annotations

from collections.abc import Mapping


def outliers(values: Mapping[str, frozenset[str]]) -> tuple[str, ...]:
    """The machines whose values share nothing with those of most; all of them, where no majority agrees.

    Of two machines that differ, either may be the wrong one.
    """
    agreeing = {name: [other for other in values if values[name] & values[other]] for name in values}
    most = max(agreeing.values(), key=len, default=[])
    if len(most) == len(values):
        return ()
    if len(most) * 2 <= len(values):
        return tuple(values)
    return tuple(name for name in values if name not in most)
