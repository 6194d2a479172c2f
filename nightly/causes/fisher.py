"""Fisher's exact test, one-sided: how likely are so many failures now, if nothing has changed? Pure."""

from __future__ import annotations

from math import comb


def fisher(failed_now: int, runs_now: int, failed_before: int, runs_before: int) -> float:
    """The probability that as many of all failures as now, or more, are among the newer runs by chance.

    Runs are those with their failures. 1.0 where nothing failed. https://en.wikipedia.org/wiki/Fisher's_exact_test
    """
    failed, runs = failed_now + failed_before, runs_now + runs_before
    ways = sum(
        comb(runs_now, now) * comb(runs_before, failed - now) for now in range(failed_now, min(failed, runs_now) + 1)
    )
    return ways / comb(runs, failed)
