"""`python -m tests.real_leaks FOLDER`: no secret of a real cluster is written when its joins fail.

Makes a stacked cluster three times, lets joins fail on it, and searches every file of the run and what the terminal
showed for the secrets that its machines really have: as it is, with a worker of pytest-xdist, and without the redactor,
where the same search must find them. Needs what `./run stacked` needs.
Beside the secrets that a failing join has in its command line, `tests/failing_joins.py` puts keys everywhere.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from fixtures.plugin.searching import files_in
from fixtures.subjects.secrets import Secrets
from provision.clusters.lifecycle import Clusters
from provision.config.settings import Settings

ROOT = Path(__file__).parent.parent
KINDS = ("tokens", "certificate_keys", "private_keys", "credentials")
VARIANT = "secrets"


def main(folder: Path) -> int:
    """Returns 0 where nothing is found with the redactor and each kind is found without it."""
    found = {name: _found(folder / name, *options) for name, options in _WAYS.items()}
    whole = all(found["without the redactor"][kind] for kind in KINDS)
    return int(any(found["redacted"].values()) or any(found["workers"].values()) or not whole)


_WAYS = {"redacted": (), "workers": ("-n1",), "without the redactor": ("-ptests.unredacted",)}


def _found(folder: Path, *options: str) -> dict[str, list[str]]:
    """The files with secrets of each kind that a run left; says how many it searched."""
    folder.mkdir(parents=True)
    arguments = [
        "-k", "stacked and not mutable", f"--ha-variant={VARIANT}", "--ha-keep=always",
        f"--ha-run-dir={folder / 'run'}",
        "-ptests.failing_joins", "--showlocals", *options, "tests/failing_joins.py", "scenarios/test_joins.py",
    ]  # fmt: skip
    with (folder / "terminal.log").open("wb") as terminal:
        command = [sys.executable, "-m", "pytest", *arguments]
        subprocess.run(command, cwd=ROOT, stdout=terminal, stderr=subprocess.STDOUT, check=False)
    clusters = Clusters(Settings.of({}))
    (name,) = [each for each in clusters.registry.ids() if each.startswith("stacked-") and each.endswith(VARIANT)]
    cluster = clusters.attach_as_it_is(name).cluster
    secrets = Secrets(cluster)
    found = {kind: secrets.found_in(folder, kind) for kind in KINDS}
    subprocess.run([sys.executable, "-m", "provision", "clean", name], cwd=ROOT, check=True)
    print(f"{folder.name}: {len(files_in(folder))} files")
    for kind, files in found.items():
        print(
            f"  {kind}: looked for in {secrets.size(kind)} forms, found in {len(files)} files {' '.join(files)}",
            flush=True,
        )
    return found


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
