"""What traffic's clients prove who they are with: a key that leaves no file."""

from __future__ import annotations

import ssl
import stat
import tempfile
from pathlib import Path

import pytest
import yaml

from resilience.traffic import credentials
from tests.traffic_cluster import cluster


def test_a_key_is_read_once_learned_and_leaves_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    modes: list[int] = []
    load = ssl.SSLContext.load_cert_chain

    def noted(self: ssl.SSLContext, file: Path) -> None:
        modes.append(stat.S_IMODE(file.stat().st_mode))
        load(self, file)

    monkeypatch.setattr(ssl.SSLContext, "load_cert_chain", noted)
    one = cluster()
    context = credentials.context(one)
    assert (context.verify_mode, context.check_hostname, modes) == (ssl.CERT_REQUIRED, True, [0o600])
    assert list(tmp_path.iterdir()) == []
    key = yaml.safe_load(one.control_planes[0].succeed("sudo cat /etc/kubernetes/admin.conf"))
    assert key["users"][0]["user"]["client-key-data"] not in one.journal.redact(str(key))
