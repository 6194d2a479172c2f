"""The words for a cause, on its page and in the text for an issue. Pure."""

from __future__ import annotations

import time

from nightly.attempts import STEP
from nightly.causes.cause import NOT_RUN, Cause
from nightly.views import title


def day(seconds: float) -> str:
    """Seconds since the epoch as a date, UTC."""
    return time.strftime("%Y-%m-%d", time.gmtime(seconds))


def moment(seconds: float) -> str:
    """Seconds since the epoch as date and time, UTC."""
    return time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(seconds))


def name(cause: Cause) -> str:
    """What a red cause is called by what is counted; of another one, since when it is not seen."""
    found = cause.numbers
    if cause.state == NOT_RUN:
        return f"its tests were not run, or blocked, since {day(cause.failed[0].attempt.started)}"
    if not cause.red:
        return f"not seen since {day(cause.failed[0].attempt.started)}"
    if found.regression:
        return "regression"
    if found.seen_before:
        return f"seen before at rate {found.rate:.2f} since {day(cause.since)}"
    return f"first seen {day(cause.since)}; the earlier runs are too few to call it a regression"


def counted(cause: Cause) -> str:
    """The numbers: runs of the clusters that it is on, in which its tests were decided."""
    found = cause.numbers
    if not cause.red:
        return f"{rate(cause)} runs failed"
    before = "since its first night" if found.seen_before else "of all that are known"
    return (
        f"{found.failed_now} of {found.runs_now} runs failed now, "
        f"{found.failed_before} of {found.runs_before} before ({before}); p = {found.p:.2g}"
    )


def rate(cause: Cause) -> str:
    """How many runs failed of how many, since the first night that did, the newest included."""
    nights = cause.nights[: 1 + max(n for n, each in enumerate(cause.nights) if each.failed)]
    return f"{sum(each.failed for each in nights)} of {sum(each.clusters for each in nights)}"


def newest(cause: Cause) -> str:
    """What its newest failure says, with the machine, which most messages begin with; empty where it says nothing."""
    found = cause.shown[0]
    reason = str(found.failure["reason"])
    first, *_ = reason.split(maxsplit=1) or [""]
    return reason if first.rstrip(":") in ("", found.subject) else f"{found.subject}: {reason}"


def test(scenario: str) -> str:
    """A scenario, or a step, by its name."""
    return f"step “{title(scenario)}”" if scenario.startswith(STEP) else title(scenario)
