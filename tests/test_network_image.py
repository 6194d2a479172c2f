"""The image of our pod network that a node makes of its own programs: what is in it, and where it is made."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import tarfile
from pathlib import Path

import pytest
import yaml

from provision.network import image
from provision.network.plugin import IMAGE, routes_manifest
from tests.fake_machine import FakeMachine
from tests.stand_ins import fake_cluster

CTR = """\
#!/bin/sh
echo "$@" >> {folder}/calls
case "$*" in
  *" images list -q") cat {folder}/listed ;;
  *" images import "*) cp "$5" {folder}/imported.tar ;;
esac
"""


@pytest.fixture
def node(tmp_path: Path) -> Path:
    """A folder of programs that are a node's, and of what containerd is given."""
    (tmp_path / "listed").touch()
    for name, text in {"ctr": CTR.format(folder=tmp_path), "kubectl": "#!/bin/sh\n", "ip": "#!/bin/sh\n"}.items():
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o755)
    return tmp_path


def make(node: Path) -> None:
    """Run the script as the node would."""
    machine = FakeMachine({re.compile("images import"): ""})
    image.make(machine)
    (sent,) = machine.commands
    script = sent.split("<<'SCRIPT'\n", 1)[1].rpartition("SCRIPT")[0]
    environment = os.environ | {"PATH": f"{node}:/usr/sbin:/usr/bin:/sbin:/bin"}
    subprocess.run(["sh", "-s"], input=script, text=True, check=True, env=environment)


def test_the_image_is_one_that_containerd_imports(node: Path) -> None:
    make(node)
    with tarfile.open(node / "imported.tar") as archive:
        content = {name: archive.extractfile(name) for name in archive.getnames()}
        read = {name: file.read() for name, file in content.items() if file}
    (listed,) = json.loads(read["manifest.json"])
    assert listed == {"Config": "config.json", "RepoTags": [IMAGE], "Layers": ["layer.tar"]}
    configuration = json.loads(read["config.json"])
    assert configuration["rootfs"]["diff_ids"] == [f"sha256:{hashlib.sha256(read['layer.tar']).hexdigest()}"]
    assert (configuration["architecture"] in ("amd64", "arm64"), configuration["os"]) == (True, "linux")


def test_what_runs_in_the_image_needs_nothing_that_is_not_in_it(node: Path, tmp_path: Path) -> None:
    """The programs of the machine that this runs on, entered as a container's are."""
    if os.geteuid() != 0:
        pytest.skip("only root may enter another root file system")
    make(node)
    with tarfile.open(node / "imported.tar") as archive:
        archive.extract("layer.tar", tmp_path, filter="data")
    root = tmp_path / "root"
    root.mkdir()
    subprocess.run(["tar", "-xf", tmp_path / "layer.tar", "-C", root], check=True)
    shell = next(path for path in ("/bin/sh", "/usr/bin/sh") if (root / path[1:]).exists())
    command = ["chroot", str(root), shell, "-c", "PATH=/usr/bin:/bin; echo one | sed s/one/two/ > a; mv a b; sleep 0"]
    subprocess.run(command, check=True)
    assert (root / "b").read_text() == "two\n"


SHELLS_OWN = frozenset(
    {"case", "continue", "do", "done", "echo", "elif", "esac", "fi", "for", "if", "read", "set", "while"}
)


def _programs_of(script: str) -> set[str]:
    """The words where a command of a script may begin, without those of the shell and of its functions."""
    lines = "\n".join(line for line in script.splitlines() if not line.lstrip().startswith("#"))
    words = set(re.findall(r"(?:^ *|\| |\$\(|&& |; |\bdo |\bthen )([a-z]+)(?=[ ;\n]|$)", lines, re.M))
    return words - SHELLS_OWN - set(re.findall(r"^ *([a-z]+)\(\)", lines, re.M)) - {"then"}


def test_every_program_of_the_manifest_is_in_the_image() -> None:
    script = next(
        each["data"]["follow"]
        for each in yaml.safe_load_all(routes_manifest(fake_cluster().endpoint))
        if each["kind"] == "ConfigMap"
    )
    assert _programs_of(script) == {"kubectl", "ip", "sed", "mv"}
    assert {"kubectl", "ip", "sed", "mv", "sh", "sleep"} == set(image._PROGRAMS)


def test_a_program_in_the_middle_of_a_line_is_found() -> None:
    assert _programs_of("for a in $(echo x | tr , ' '); do\n  [ a ] || ip route\ndone\n") == {"tr", "ip"}


def test_a_node_that_has_the_image_is_left_as_it_is(node: Path) -> None:
    (node / "listed").write_text(f"{IMAGE}\n")
    make(node)
    assert "import" not in (node / "calls").read_text()


def test_an_image_whose_name_only_begins_so_is_another(node: Path) -> None:
    (node / "listed").write_text(f"{IMAGE}.old\n")
    make(node)
    assert "import" in (node / "calls").read_text()
