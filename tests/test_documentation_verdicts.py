"""The outcome of a claim: what each decider says, and what follows from that."""

from __future__ import annotations

from dataclasses import replace

import pytest

from documentation.claims.binding import Status
from documentation.claims.claim import SAMPLE
from documentation.execution.fallback import Done
from documentation.execution.results import Outcome
from documentation.findings.rules import Finding, Weight
from documentation.verdicts.way import Way
from provision.config.cluster_id import ClusterId
from tests.verdicts import COMMAND, OUTPUT, SCENARIO, WAY, a_claim, decided


@pytest.mark.parametrize(
    ("block", "test", "outcome"),
    [
        (Outcome.VERIFIED, "passed", Outcome.VERIFIED),
        (Outcome.SUBSTITUTED, "passed", Outcome.SUBSTITUTED),
        (Outcome.DEFECT, "passed", Outcome.DEFECT),
        (Outcome.VERIFIED, "failed", Outcome.FAILED),
        (Outcome.DEFECT, "failed", Outcome.FAILED),
        (Outcome.FAILED, "passed", Outcome.FAILED),
        (Outcome.NOT_APPLICABLE, "passed", Outcome.VERIFIED),
        (Outcome.UNBOUND, "", Outcome.UNTESTABLE),
    ],
)
def test_a_claim_is_decided_by_its_blocks_and_its_scenario(block: Outcome, test: str, outcome: Outcome) -> None:
    assert decided(a_claim(), (COMMAND, block), tests={SCENARIO: test} if test else {}).outcome is outcome


def test_a_claim_whose_scenario_was_not_run_says_so() -> None:
    found = decided(a_claim())
    assert (found.outcome, found.why) == (Outcome.UNTESTABLE, f"{SCENARIO}: was not run")


def test_a_claim_that_nothing_can_decide_says_why() -> None:
    found = decided(a_claim(deciders=(), untestable="no tree can swim"))
    assert (found.outcome, found.why) == (Outcome.UNTESTABLE, "no tree can swim")


@pytest.mark.parametrize(
    ("status", "defect", "outcome"),
    [
        (Status.STALE, {}, Outcome.STALE),
        (Status.INVERTED, {}, Outcome.DEFECT),
        (Status.ABSENT, {}, Outcome.UNBOUND),
        (Status.ABSENT, {"all": "says nothing"}, Outcome.DEFECT),
        (Status.UNREVIEWED, {}, Outcome.VERIFIED),
        (Status.GAP, {}, Outcome.VERIFIED),
    ],
)
def test_how_a_claim_is_bound_outweighs_what_was_seen(
    status: Status, defect: dict[str, str], outcome: Outcome
) -> None:  # fmt: skip
    assert decided(a_claim(defect=defect), tests={SCENARIO: "passed"}, status=status).outcome is outcome


@pytest.mark.parametrize(
    ("about", "outcome"),
    [
        ({"topology": "external"}, Outcome.NOT_APPLICABLE),
        ({"certificates": "manual"}, Outcome.NOT_APPLICABLE),
        ({"versions": "<1.15"}, Outcome.NOT_APPLICABLE),
        ({"versions": ">=1.37"}, Outcome.VERIFIED),
        ({"topology": "stacked", "certificates": "uploaded"}, Outcome.VERIFIED),
    ],
)
def test_a_claim_has_no_outcome_on_ways_that_it_is_not_about(about: dict[str, str], outcome: Outcome) -> None:
    assert decided(a_claim(**about), tests={SCENARIO: "passed"}).outcome is outcome


def test_a_scenario_that_shows_what_is_wrong_with_the_page_makes_a_defect_by_passing() -> None:
    claim = a_claim(shows=(SCENARIO,))
    outcomes = [decided(claim, tests={SCENARIO: word}).outcome for word in ("passed", "failed")]
    assert outcomes == [Outcome.DEFECT, Outcome.FAILED]


@pytest.mark.parametrize(
    ("decider", "outcome"),
    [
        (SCENARIO, Outcome.FAILED),
        (f"{SCENARIO}[wet]", Outcome.VERIFIED),
        (f"{SCENARIO}[dry]", Outcome.FAILED),
        (f"{SCENARIO}[frozen]", Outcome.UNTESTABLE),
        ("scenarios/test_joins.py::test_read", Outcome.UNTESTABLE),
    ],
)
def test_a_decider_names_a_scenario_or_one_of_its_parameters(decider: str, outcome: Outcome) -> None:
    tests = {f"{SCENARIO}[wet]": "passed", f"{SCENARIO}[dry]": "failed"}
    assert decided(a_claim(deciders=(decider,)), tests=tests).outcome is outcome


@pytest.mark.parametrize(
    ("done", "outcome"),
    [
        (Done.PAGE, Outcome.VERIFIED),
        (Done.OWN, Outcome.VERIFIED),
        (Done.MISSED, Outcome.DEFECT),
        (Done.UNMISSED, Outcome.UNTESTABLE),
        (Done.INSTEAD, Outcome.UNTESTABLE),
        (None, Outcome.UNTESTABLE),
    ],
)
def test_a_step_that_was_missed_shows_a_gap(done: Done | None, outcome: Outcome) -> None:
    steps = {"carry": done} if done else {}
    assert decided(a_claim(deciders=("step: carry",)), steps=steps).outcome is outcome


@pytest.mark.parametrize(
    ("rule", "block", "outcome"),
    [
        ("owner", COMMAND, Outcome.DEFECT),
        ("owner", "elsewhere/command-1", Outcome.VERIFIED),
        ("other", COMMAND, Outcome.VERIFIED),
    ],
)
def test_a_rule_decides_a_claim_by_what_it_found_at_the_claims_blocks(rule: str, block: str, outcome: Outcome) -> None:
    finding = Finding(Weight.MISLEADS, rule, 5, block, "it is dry")
    claim = a_claim(deciders=("check: owner",))
    assert decided(claim, findings=(finding,)).outcome is outcome
    elsewhere = replace(finding, block="elsewhere/command-1", others=(block,))
    assert decided(claim, findings=(elsewhere,)).outcome is outcome
    gap = a_claim(deciders=("check: owner",), blocks=(), near=(COMMAND,))
    assert decided(gap, findings=(finding,), status=Status.GAP).outcome is outcome


def test_a_rule_that_found_nothing_proves_nothing_where_a_scenario_could() -> None:
    claim = a_claim(deciders=("check: owner", SCENARIO))
    outcomes = [decided(claim, tests=tests).outcome for tests in ({}, {SCENARIO: "passed"})]
    assert outcomes == [Outcome.UNTESTABLE, Outcome.VERIFIED]


def test_a_rule_that_was_not_applied_decides_nothing() -> None:
    found = decided(a_claim(deciders=("check: modality",)))
    assert (found.outcome, "was not given them" in found.why) == (Outcome.UNTESTABLE, True)


def test_a_samples_words_decide_only_claims_about_them() -> None:
    outcomes = ((OUTPUT, Outcome.DEFECT),)
    about = {"blocks": (OUTPUT,), "kind": "output"}
    assert decided(a_claim(**about), *outcomes, tests={SCENARIO: "passed"}).outcome is Outcome.VERIFIED
    assert decided(a_claim(**about, deciders=(SAMPLE,)), *outcomes).outcome is Outcome.DEFECT


def test_a_caution_is_confirmed_by_a_negative_test_that_passed() -> None:
    claim = a_claim(kind="caution", negatives=(SCENARIO,))
    confirmed = [decided(claim, tests={SCENARIO: word}).refuted for word in ("passed", "failed", "skipped")]
    assert (confirmed, decided(replace(claim, negatives=()), tests={SCENARIO: "passed"}).refuted) == (
        [True, False, False],
        False,
    )


@pytest.mark.parametrize(
    ("cluster", "version", "same"),
    [
        ("stacked-uploaded-1.37-page", "v1.37.2", True),
        ("stacked-uploaded-1.37", "v1.37.2", False),
        ("stacked-uploaded-1.37-flannel-page", "v1.37.2", False),
        ("stacked-uploaded-1.37-inventory-page", "v1.37.2", False),
        ("stacked-uploaded-1.37-page", "v1.37.1", False),
        ("stacked-manual-1.37-page", "v1.37.2", False),
        ("external-uploaded-1.37-page", "v1.37.2", False),
    ],
)
def test_tests_count_for_the_way_of_the_cluster_they_ran_on(cluster: str, version: str, same: bool) -> None:
    assert WAY.has(ClusterId.parse(cluster), version) is same


def test_tests_on_a_cluster_that_may_be_changed_count_for_both_kinds_of_certificates() -> None:
    mutable = ClusterId.parse("stacked-uploaded-1.37-mutable")
    assert Way("stacked", "manual", "v1.37.2").has(mutable, "v1.37.2")
