"""A year of certificates, day by day, by facts alone: what is found on which day."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from checks.facts.cluster import Facts
from checks.findings import Severity
from checks.judging import judged
from checks.rules.rule import rules
from tests.healthy import healthy
from tests.healthy.values import NOW

CERTIFICATES = [each for each in rules() if each.id.startswith("KHA-CERT")]
LEFT = 335  # days: the certificates of healthy facts were made thirty days ago, for a year


def on_day(facts: Facts, day: int) -> set[str]:
    """What is found about certificates at or above warning so many days later."""
    later = replace(facts, taken=NOW + timedelta(days=day))
    return {each.id for each in judged(later, CERTIFICATES).at_least(Severity.WARNING)}


def first_days(facts: Facts, *ids: str) -> tuple[int | None, ...]:
    """The first day in two years on which each is found."""
    first: dict[str, int] = {}
    for day in range(730):
        first = dict.fromkeys(on_day(facts, day), day) | first
        if first.keys() >= set(ids):
            break
    return tuple(first.get(each) for each in ids)


def test_a_certificate_is_a_warning_thirty_days_before_its_end_and_critical_after_it() -> None:
    facts = healthy(workers=1)
    assert first_days(facts, "KHA-CERT-003", "KHA-CERT-001", "KHA-CERT-010") == (LEFT - 30, LEFT, LEFT)


def test_the_month_before_the_end_is_one_kind_of_finding_each_day() -> None:
    facts = healthy(workers=1)
    for day in range(LEFT - 30, LEFT):
        found = on_day(facts, day)
        assert "KHA-CERT-003" in found
        assert not found & {"KHA-CERT-001", "KHA-CERT-010"}


def test_the_time_before_is_silent() -> None:
    facts = healthy(workers=1)
    assert [day for day in range(0, 300, 7) if on_day(facts, day)] == []


def test_a_longer_warning_comes_earlier() -> None:
    facts = replace(healthy(workers=1), expires_within=timedelta(days=90))
    assert first_days(facts, "KHA-CERT-003") == (LEFT - 90,)
