"""What a page gives the kubelet's service: the unit that starts it, and variables that the unit reads."""

from __future__ import annotations

import pytest

from documentation.findings.rules import Finding, Weight
from documentation.pages import markdown
from documentation.programs.programs import Programs
from documentation.reports import all_rules
from tests import fake_programs

UNIT = "```%s\n%s[Service]\nExecStart=\n%s\nRestart=always\n%s```\n"
HERE = "cat << EOF > /etc/systemd/system/kubelet.service.d/20-pears.conf\n"


def _found(text: str) -> list[Finding]:
    programs = Programs(kubelet=fake_programs.kubelet())
    return [each for each in all_rules.check(markdown.parse(text), programs) if each.check == "kubelet"]


@pytest.mark.parametrize(
    ("line", "number"),
    [
        ("ExecStart=/usr/bin/kubelet --node-ip=a --allow-pears=true", 5),
        ("  ExecStart=kubelet --allow-pears", 5),
        ("ExecStart=/opt/kubelet \\\n  --node-ip=a \\\n  --allow-pears=true", 7),
    ],
)
def test_a_flag_in_a_unit_that_the_kubelet_does_not_have_is_found(line: str, number: int) -> None:
    for text in (UNIT % ("sh", HERE, line, "EOF\n"), UNIT % ("ini", "", line, "")):
        [found] = _found(text)
        assert found.what == "kubelet has no flag --allow-pears in v1.37.2"
        assert (found.line, found.weight) == (number if HERE in text else number - 1, Weight.BREAKS)


@pytest.mark.parametrize(
    "line",
    [
        "ExecStart=/usr/bin/kubelet --node-ip=192.0.2.1",
        "ExecStart=/usr/bin/kubelet $KUBELET_CONFIG_ARGS $KUBELET_EXTRA_ARGS",
        "ExecStart=/usr/bin/kubelet",
        "ExecStart=/usr/bin/kubelet \\\n  --node-ip=a \\\n  $KUBELET_EXTRA_ARGS",
        "ExecStart=/usr/bin/kubelet --node-ip=a ... --your-flag",
        "ExecStart=/usr/bin/kubelet-of-pears --allow-pears",
        "ExecStart=/usr/bin/dockerd --allow-pears",
    ],
)
def test_units_that_are_healthy_or_of_other_programs_are_quiet(line: str) -> None:
    assert _found(UNIT % ("sh", HERE, line, "EOF\n")) == []
