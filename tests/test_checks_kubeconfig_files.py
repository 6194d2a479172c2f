"""Several kubeconfigs, merged as kubectl does."""

from __future__ import annotations

import argparse
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import yaml

from checks.cli import kubeconfigs
from checks.collecting.kubeconfig import ByKubeconfig
from checks.collecting.kubeconfig_files import NoContext, context, merged
from provision.util.errors import BadInput
from tests.api_with_tls import SECRET, TOKEN, Api


def written(folder: Path, name: str, current: str = "", **entries: dict[str, Any]) -> Path:
    """A kubeconfig with entries by kind and name."""
    file = folder / name
    file.parent.mkdir(exist_ok=True)
    lists = {
        f"{kind}s": [{"name": each, kind: value} for each, value in named.items()] for kind, named in entries.items()
    }
    file.write_text(yaml.safe_dump({"apiVersion": "v1", "kind": "Config", "current-context": current, **lists}))
    return file


def test_the_first_file_that_has_a_name_wins_as_a_whole(tmp_path: Path) -> None:
    one = written(tmp_path, "one", user={"red": {"token": "a"}}, context={"c": {"cluster": "x", "user": "red"}})
    two = written(tmp_path, "two", user={"red": {"token": "b", "tokenFile": "f"}, "blue": {"token": "c"}},
                  cluster={"x": {"server": "https://x:6443"}})  # fmt: skip
    config = merged([one, two])
    assert context(config, "c") == ("c", {"server": "https://x:6443"}, {"token": "a"})
    assert [each["name"] for each in config["users"]] == ["red", "blue"]


def test_the_first_current_context_that_is_not_empty_wins(tmp_path: Path) -> None:
    files = [written(tmp_path, name, current) for name, current in (("a", ""), ("b", "second"), ("c", "third"))]
    assert merged(files)["current-context"] == "second"


def test_paths_are_those_of_the_file_that_has_them(tmp_path: Path) -> None:
    plugin = {"command": "bin/login", "apiVersion": "v1"}
    one = written(tmp_path, "a/one", "c", context={"c": {"cluster": "x", "user": "u"}},
                  cluster={"x": {"server": "https://x", "certificate-authority": "ca.crt"}})  # fmt: skip
    two = written(tmp_path, "b/two", user={"u": {"client-key": "/k", "tokenFile": "t", "exec": plugin}})
    _, cluster, user = context(merged([one, two]))
    assert cluster["certificate-authority"] == f"{tmp_path}/a/ca.crt"
    assert (user["client-key"], user["tokenFile"]) == ("/k", f"{tmp_path}/b/t")
    assert user["exec"]["command"] == f"{tmp_path}/b/bin/login"


def test_a_plugin_without_a_path_is_one_of_path(tmp_path: Path) -> None:
    file = written(tmp_path, "one", user={"u": {"exec": {"command": "aws"}}})
    assert merged([file])["users"][0]["user"]["exec"]["command"] == "aws"


def test_an_empty_file_of_several_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "empty").write_text("")
    assert merged([tmp_path / "empty", written(tmp_path, "one", "c")])["current-context"] == "c"


def test_the_file_of_several_that_is_broken_is_named_and_not_quoted(tmp_path: Path) -> None:
    (tmp_path / "broken").write_text(f"a: {SECRET}: b")
    with pytest.raises(BadInput, match=f"{tmp_path}/broken cannot be used") as raised:
        merged([written(tmp_path, "one"), tmp_path / "broken"])
    assert raised.value.answer == "it is not valid YAML in line 1"


@pytest.mark.parametrize(
    ("named", "reason"),
    [("", "no current context"), ("no", "no such context"), ("c", "cluster is missing")],
)
def test_a_context_that_leads_nowhere(named: str, reason: str, tmp_path: Path) -> None:
    config = merged([written(tmp_path, "one", context={"c": {"cluster": "gone", "user": "u"}})])
    with pytest.raises(NoContext, match=reason):
        context(config, named)


def test_the_api_is_read_with_a_context_whose_user_is_in_another_file(tmp_path: Path) -> None:
    with closing(Api(tmp_path)) as api:
        there = api.kubeconfig({"token": "another"})
        first = written(tmp_path, "first", "one", user={"u": {"token": TOKEN}})
        for files, status in (([first, there], 200), ([there, first], 401)):
            with closing(ByKubeconfig.load(files)) as requests:
                assert requests.get({"nodes": "/api/v1/nodes"})["nodes"].status == status


@pytest.mark.parametrize("listed", [True, False], ids=["of the variable", "kubectl's own"])
def test_a_file_in_a_folder_that_is_closed_is_named(listed: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """As of another user's home: it is wrong usage, and no finding."""

    def closed(self: Path) -> bool:
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(Path, "exists", closed)
    monkeypatch.setenv("HOME", "/home/another")
    options = argparse.Namespace(kubeconfig=None, cluster="", source=None)
    with pytest.raises(BadInput, match="config cannot be read") as caught:
        kubeconfigs.chosen(options, {"KUBECONFIG": "/home/another/config"} if listed else {})
    assert "Permission denied" in caught.value.answer
