"""Every inventory of the table is read as the table has it, by the real Ansible where there is one."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import inventories

_OF_ANSIBLE = ("ANSIBLE_CONFIG", "ANSIBLE_REMOTE_USER", "ANSIBLE_PRIVATE_KEY_FILE", "ANSIBLE_SSH_ARGS")


@pytest.fixture(autouse=True)
def _nothing_of_this_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in _OF_ANSIBLE:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("name", inventories.CASES)
def test_an_inventory_is_read_as_its_author_meant_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    programs = inventories.stand_ins(name, tmp_path, recorded=True)
    for variable, value in inventories.environment(programs).items():
        monkeypatch.setenv(variable, value)
    assert inventories.outcome(inventories.written(name, tmp_path), tmp_path) == inventories.CASES[name]["read"]


@pytest.mark.slow
@pytest.mark.skipif(not inventories.ansible(), reason="ansible-inventory is not on this host")
@pytest.mark.parametrize("name", inventories.CASES)
def test_the_real_ansible_answers_as_recorded(tmp_path: Path, name: str) -> None:
    answer = inventories.answer(name, tmp_path)
    assert answer.keys() - {"_meta"} == inventories.RECORDED[name].keys() - {"_meta"}
    assert answer["_meta"]["hostvars"] == inventories.RECORDED[name]["_meta"]["hostvars"]


def test_most_inventories_are_read() -> None:
    read = [name for name, case in inventories.CASES.items() if not case["read"][0].startswith("refused")]
    assert (len(read), len(inventories.CASES)) == (27, 39)
