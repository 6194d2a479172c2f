"""Who may import whom: every contract in pyproject.toml holds, and is broken by an import that it forbids."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
LINTER = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
CONTRACTS = {each["type"]: each["name"] for each in LINTER["contracts"] if "containers" not in each}
PYTEST, SCENARIOS, NIGHTS, DOCUMENTATION = (each["name"] for each in LINTER["contracts"] if each["type"] == "forbidden")
ROOMS = {room: each["name"] for each in LINTER["contracts"] for room in each.get("containers", ())}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of all packages, in which an import can be drawn."""
    folder = tmp_path_factory.mktemp("house")
    for package in LINTER["root_packages"]:
        shutil.copytree(ROOT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


def linted(folder: Path) -> subprocess.CompletedProcess[str]:
    program = Path(sys.executable).with_name("lint-imports")
    return subprocess.run(
        [program, "--no-cache"], cwd=folder, capture_output=True, text=True, check=False, timeout=120,
        env={"PATH": "/usr/bin:/bin", "COLUMNS": "1000"},
    )  # fmt: skip


def test_every_contract_is_kept(house: Path) -> None:
    shown = linted(house)
    assert (shown.returncode, f"{len(LINTER['contracts'])} kept, 0 broken" in shown.stdout) == (0, True), shown.stdout


@pytest.mark.parametrize(
    ("file", "imported", "contract"),
    [
        ("report/results.py", "import fixtures.plugin.run", CONTRACTS["layers"]),
        ("nightly/store.py", "import fixtures.plugin.run", CONTRACTS["layers"]),
        ("provision/config/versions.py", "import provision.clusters.state", ROOMS["provision"]),
        ("provision/providers/provider.py", "import provision.cli.verbs", ROOMS["provision"]),
        ("fixtures/plugin/run.py", "import fixtures.subjects.traces", ROOMS["fixtures"]),
        ("provision/procedure/parts.py", "import provision.kubeadm.patches", SCENARIOS),
        ("provision/util/local.py", "import pytest", PYTEST),
        ("nightly/faults.py", "import resilience.figures.table", NIGHTS),
        ("fixtures/selections.py", "import commandline.words", CONTRACTS["layers"]),
        ("resilience/histories/records.py", "import fixtures.plugin.run", CONTRACTS["layers"]),
        ("resilience/histories/records.py", "import checks.judging", CONTRACTS["layers"]),
        ("checks/facts/fact.py", "import checks.findings", ROOMS["checks"]),
        ("resilience/traffic/clients.py", "import resilience.faults.fault", ROOMS["resilience"]),
        ("resilience/faults/means/places.py", "import resilience.faults.kinds.etcd", ROOMS["resilience.faults"]),
        ("documentation/language/words.py", "import documentation.claims.edition", ROOMS["documentation"]),
        ("documentation/pages/source.py", "import provision.config.versions", DOCUMENTATION),
        ("documentation/pages/block.py", "import documentation.verdicts.table", CONTRACTS["acyclic_siblings"]),
        ("provision/config/versions.py", "import provision.config.settings", CONTRACTS["acyclic_siblings"]),
    ],
)
def test_an_import_that_is_forbidden_breaks_its_contract(house: Path, file: str, imported: str, contract: str) -> None:
    before = (house / file).read_text()
    try:
        (house / file).write_text(f"{before}\n{imported}\n")
        shown = linted(house)
    finally:
        (house / file).write_text(before)
    assert (shown.returncode, f"{contract} BROKEN" in shown.stdout) == (1, True), shown.stdout
