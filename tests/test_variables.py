"""Variables that begin with HA_: a slip is refused, and what other programs have is left alone."""

from __future__ import annotations

import pytest

from provision.config.options import OPTIONS
from provision.config.settings import Settings
from provision.util.errors import BadInput


@pytest.mark.parametrize(
    ("variable", "value", "meant"),
    [
        ("HA_KEP", "always", "HA_KEEP"),
        ("HA_WORKER", "1", "HA_WORKERS"),
        ("HA_KUBERNETE", "1.36", "HA_KUBERNETES"),
        ("HA_RUNDIR", "out", "HA_RUN_DIR"),
        ("HA_CONTROLPLANES", "1", "HA_CONTROL_PLANES"),
        ("HA_CERTIFICATE", "manual", "HA_CERTIFICATES"),
        ("HA_REUES", "yes", "HA_REUSE"),
    ],
)
def test_a_variable_that_is_nearly_a_setting_is_refused_with_the_setting(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, meant: str
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(BadInput) as refused:
        Settings.of({})
    assert str(refused.value) == f"there is no setting {variable}; did you mean {meant}?\nTry: unset {variable}"


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("HA_TOKEN", "always"), ("HA_URL", "http://x"), ("HA_HOST", "x"), ("HA_PORT", "8123"), ("HA_NODE", "check"),
        ("HA_CLUSTER_NAME", "x"), ("HA_PROXY", "x"), ("HA_VIP", "198.18.0.1"), ("HA_PEER", "x"), ("HA", "always"),
        ("HA_MODEL", "gpt"), ("HA_KEY", "0123456789abcdef"), ("HA_HOME", "/x"), ("HA_RELEASES", "http://x"),
        ("XHA_KEP", "always"), ("HA_", "x"),
    ],
)  # fmt: skip
def test_a_variable_of_another_program_is_left_alone(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    monkeypatch.setenv(variable, value)
    Settings.of({})


def test_the_variables_of_all_settings_are_heard() -> None:
    """None is close enough to another to be refused for it."""
    with pytest.MonkeyPatch.context() as patch:
        for option in OPTIONS:
            patch.setenv(option.variable, option.default)
        Settings.of({})
