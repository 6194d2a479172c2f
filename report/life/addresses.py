"""Where a cluster's life is, and where in it a failure. Pure."""

from __future__ import annotations

import hashlib

REPORT = '<p class="small"><a href="report.html">Report of the run</a></p>'
"""The first line of a life's page, which leads back."""


def name_of(cluster: str) -> str:
    """The name of the file of a cluster's life, in the folder of its run."""
    return f"life-{cluster}.html"


def anchor_of_test(scenario: str, subject: str) -> str:
    """The id of a failed test on the page, by what it is called in every run of that cluster."""
    return f"test-{hashlib.sha256(f'{scenario} {subject}'.encode()).hexdigest()[:12]}"


def anchor_of_step(number: int) -> str:
    """The id of a failed step, by its number in the report."""
    return f"step-{number}"


def alone(page: str) -> str:
    """The page without the way back, for a place where the run's report is not beside it."""
    return page.replace(REPORT, "", 1)
