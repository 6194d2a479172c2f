"""The list of defects to plant: complete, consistent with the ids of findings, and its scripts fit to be run."""

from __future__ import annotations

import re
import subprocess
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from checks.rules.rule import rules
from provision.config.balancers import BY_NAME
from provision.config.topology import TOPOLOGIES, Role, machines
from provision.util.errors import BadInput
from tests import seeded
from tests.seeded import Defect, defects, ids, more

KINDS = {
    "balancer", "certificates", "concentration", "drift", "etcd",
    "identity", "keys", "one-machine", "reach", "versions",
}  # fmt: skip

SEVERITIES = {"critical", "warning", "notice"}

_OURS = re.compile(r"127\.0\.0\.1|192\.0\.2\.\d+|\$.*")
"""Hosts that a script may name: the machine itself, an address that no machine has, and another machine's."""

_HEALED_BY = {
    "keep": r"^restore\b.*(?<!\S){}(?!\S)",
    "keep_value": r"^forget {}$",
    "change": r"^restore {}$",
    "change_manifest": r"^restore_manifest {}$",
    "change_map": r"^restore_map {}$",
    "keep_map": r"^restore_map {}$",
    "change_balancer": r"^restore_balancer$",
    "drop": r"^let_pass$",
}
"""Function by which a script keeps what it changes → the line by which healing restores it."""

EVERY = (*defects(), *more())

each_defect = pytest.mark.parametrize("defect", EVERY, ids=[each.name for each in EVERY])


def _machines(defect: Defect) -> set[str]:
    """The machines that every cluster has that it is for."""
    kinds = [TOPOLOGIES[each] for each in TOPOLOGIES if each == (defect.topology or each)]
    if defect.balancer:
        kinds = [{**each, Role.LOAD_BALANCER: BY_NAME[defect.balancer].machines} for each in kinds]
    return set.intersection(*({one.name for role, n in each.items() for one in machines(role, n)} for each in kinds))


def _not_healed(defect: Defect) -> list[str]:
    """Calls of functions that keep something, whose counterpart is not in `heal`."""
    missing = []
    for call, rest in re.findall(rf"\b({'|'.join(_HEALED_BY)}) (.+)", defect.plant):
        words = rest.split()
        subjects = words if call == "keep" else [" ".join(words[: 2 if call.endswith("_map") else 1])]
        for subject in subjects:
            if call == "keep" and _restores_as_manifest(subject, defect.heal):
                continue
            if not re.search(_HEALED_BY[call].format(re.escape(subject)), defect.heal, re.MULTILINE):
                missing.append(f"{call} {subject}")
    return missing


def _restores_as_manifest(path: str, heal: str) -> bool:
    name = path.removeprefix("$MANIFESTS/").removesuffix(".yaml")
    return path.startswith("$MANIFESTS/") and f"restore_manifest {name}\n" in heal


def test_there_are_sixty_defects_of_different_names() -> None:
    assert len(defects()) == 60
    assert len({each.name for each in defects()}) == 60


def test_there_are_three_defects_of_each_kind() -> None:
    counted = Counter(each.kind for each in defects())
    assert set(counted) == KINDS
    assert min(counted.values()) >= 3, counted


@each_defect
def test_defect_is_healed_by_what_its_finding_prints_or_says_why_not(defect: Defect) -> None:
    assert defect.typed is not bool(defect.by_hand)
    assert len(defect.by_hand) < 80
    assert not defect.by_hand.endswith(".")


def test_most_defects_are_healed_by_what_their_findings_print() -> None:
    assert sum(each.typed for each in defects()) == 33


def test_every_id_is_expected_of_a_defect() -> None:
    assert {each.expects for each in defects()} == set(ids())


def test_ids_have_an_area_a_number_and_a_page_of_kubernetes() -> None:
    for each in ids().values():
        assert re.fullmatch(r"KHA-[A-Z]+-\d{3}", each.id)
        assert each.severity in SEVERITIES
        assert each.page.startswith("https://kubernetes.io/")
        assert all(text.endswith(".") for text in (each.title, each.why))


@pytest.mark.parametrize("defect", defects(), ids=[each.name for each in defects()])
def test_defect_has_the_severity_of_its_id(defect: Defect) -> None:
    assert defect.severity == ids()[defect.expects].severity


def test_those_beside_the_sixty_have_other_names_and_are_found_by_rules() -> None:
    names = [each.name for each in EVERY]
    assert len(set(names)) == len(names)
    assert {each.expects for each in more()} <= {rule.id for rule in rules()}


@each_defect
def test_defect_is_named_described_and_reported(defect: Defect) -> None:
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+){2,}", defect.name)
    assert defect.what.endswith(".")
    assert re.fullmatch(r"[\w.-]+/[\w.-]+#\d+|https://\S+", defect.report)


@each_defect
def test_machines_of_a_defect_exist(defect: Defect) -> None:
    assert defect.on in _machines(defect)
    assert defect.machine in {"", *_machines(defect)}


@each_defect
def test_healing_restores_what_the_plant_keeps(defect: Defect) -> None:
    assert _not_healed(defect) == []


def test_a_file_that_is_not_restored_is_found() -> None:
    kept = "keep $PKI/a $PKI/b $MANIFESTS/etcd.yaml\nchange /etc/c 's/x/y/'\n"
    healed = "restore $PKI/b\nrestore_manifest etcd\n"
    defect = replace(defects()[0], plant=kept, heal=healed)
    assert _not_healed(defect) == ["keep $PKI/a", "change /etc/c"]


@each_defect
def test_defect_has_a_plant_and_a_way_to_heal_it(defect: Defect) -> None:
    assert defect.plant.strip()
    assert defect.heal.strip()


@pytest.mark.parametrize("part", ["plant", "heal"])
@each_defect
def test_script_parses(defect: Defect, part: str) -> None:
    checked = subprocess.run(["bash", "-n"], input=defect.script(part), capture_output=True, text=True, timeout=60)
    assert (checked.returncode, checked.stderr) == (0, "")


@each_defect
def test_script_is_harmless_and_names_no_host_outside_the_cluster(defect: Defect) -> None:
    for text in (defect.plant, defect.heal):
        assert not re.search(r"\beval\b|\brm -\w*r|\bcurl\b.*\|\s*(ba)?sh\b|\bsleep\b", text)
        hosts = re.findall(r"https?://([^\s:/\"'#]*)", text)
        assert [host for host in hosts if host not in (".*", "") and not _OURS.fullmatch(host)] == []


def test_helpers_parse_and_name_no_host_outside_the_cluster() -> None:
    checked = subprocess.run(["bash", "-n"], input=seeded.helpers(), capture_output=True, text=True, timeout=60)
    assert (checked.returncode, checked.stderr) == (0, "")
    assert not re.search(r"\beval\b|rm -rf", seeded.helpers())
    hosts = re.findall(r"https?://([^\s:/\"'#]*)", seeded.helpers())
    assert [host for host in hosts if not _OURS.fullmatch(host)] == []


def test_values_and_files_are_kept_once_and_forgotten_when_restored(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("good\n")
    text = seeded.helpers().replace("/root/", f"{tmp_path}/").partition("# -- what is restarted")[0]
    script = f"""sudo() {{ "$@"; }}\n{text}
change {file} s/good/bad/; change {file} s/good/worse/; cat {file}
keep_value number echo 1; keep_value number echo 2; value number
restore {file}; restore {file}; cat {file}
forget number; value number; echo "$(place number)"
"""
    ran = subprocess.run(["bash"], input=script, capture_output=True, text=True, timeout=60)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout.split() == ["worse", "1", "good", f"{tmp_path}/kept-number"]
    assert [each.name for each in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize(
    ("change", "refused"),
    [
        ({"colour": "red"}, "unknown key colour"),
        ({"heal": None}, "heal is missing"),
        ({"heal": 1}, "heal is not text"),
        ({"typed": "yes"}, "typed is neither true nor false"),
    ],
)  # fmt: skip
def test_an_entry_that_is_not_understood_is_refused(change: dict[str, object], refused: str) -> None:
    given = dict.fromkeys(("name", "report", "what", "on", "plant", "heal", "expects", "machine", "severity"), "x")
    entry = {key: value for key, value in {**given, **change}.items() if value is not None}
    with pytest.raises(BadInput, match=refused):
        seeded._row(Defect, entry, "kind.toml", kind="kind")
