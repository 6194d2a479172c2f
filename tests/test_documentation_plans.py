"""How blocks are planned: every block of the editions of such pages is, and every planned step exists."""

from __future__ import annotations

import pytest

from documentation.claims.edition import editions
from documentation.execution.plan import is_planned, plan_of
from documentation.pages.block import Kind
from tests.deciders import steps


@pytest.mark.parametrize("page", ["high-availability", "setup-ha-etcd-with-kubeadm"])
def test_every_planned_step_exists(page: str) -> None:
    planned = {each.step for language in ("en", "ja") for each in plan_of(page, language) if each.step}
    assert planned - steps() == set()


def test_every_command_of_every_edition_of_a_page_that_is_walked_is_planned() -> None:
    missing = []
    for each in (each for each in editions() if is_planned(each.page)):
        planned = {entry.id for entry in plan_of(each.page, each.language)}
        commands = [block for block in each.blocks if block.kind is Kind.COMMAND]
        missing += [block.id for block in commands if {block.id, each.names.get(block.id, "")}.isdisjoint(planned)]
    assert missing == []
