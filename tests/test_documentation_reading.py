"""One page, read as it is: what is healthy and unusual is understood, and what is wrong is found where it stands."""

from __future__ import annotations

from pathlib import Path

import pytest

from documentation.__main__ import main
from documentation.findings.rules import Finding, Weight
from documentation.pages import markdown, shell, source
from documentation.pages.block import Kind
from documentation.reports import all_rules
from tests.editions import PAGES

CASES = Path(__file__).parent / "documentation_cases"
HEALTHY = sorted(path.name for path in CASES.glob("fp-*.md"))


def _page(body: str) -> str:
    return f"---\ntitle: Trial page\n---\n\n## Steps\n\n{body}\n"


def _script(text: str) -> str:
    return _page(f"```shell\n{text}\n```")


def _wrong(text: str, *checks: str) -> list[Finding]:
    found = all_rules.check(markdown.parse(text, language="en"), None)
    return [each for each in found if not checks or each.check in checks]


@pytest.mark.parametrize("name", [*HEALTHY, "crash-frontmatter-date.md"])
def test_nothing_is_found_on_a_healthy_page(name: str) -> None:
    assert all_rules.check(source.read(str(CASES / name)), None) == []


@pytest.mark.parametrize(
    "text",
    [
        _script("kubeadm {init|join} <options>"),
        _script("V=v{{< skew currentVersion >}}\ncurl https://a.test/$V/{{< skew latestVersion >}}"),
        _script("cat a | sort > b\nfile=b\nwhile IFS= read -r line; do\n  echo \"$line\"\ndone < \"$file\""),
        _script("NAME                 PROVISIONER   AGE\nstandard (default)   x             1d"),
        _script("Name:          trial (one\nNamespace:     default"),
        _script("kubectl describe pv --kubeconfig a\nName:          trial (one\nNamespace:     default"),
        _script("127.0.0.1:6379> CONFIG GET maxmemory\n1) \"maxmemory\""),
        _script("TRIAL_SERVICE_HOST=192.0.2.9\nTRIAL_PORT=tcp://192.0.2.9:6379"),
        _script("kubeadm init --pod-network-cidr 10.85.0.0/16\ncurl 10.85.0.4"),
        _page("`SOME_KEY`, `SOME_NAME`:\n\n{{% code_sample file=\"a.yaml\" %}}\n\n```shell\necho SOME_NAME\n```"),
        _script("kubeadm join [--token <a token> | --config <the file.yaml>] ..."),
        _script("kubectl --kubeconfig admin.conf delete node <node name>"),
        _script("kubectl --kubeconfig admin.conf uncordon <マシンの名前>"),
        _script("kubectl --kubeconfig admin.conf get nodes -o jsonpath='{range .items[*]}{.spec.podCIDR}{end}'"),
        _script("kubectl --kubeconfig admin.conf get nodes -o go-template='{{range $i, $e := .items}}{{$e}}{{end}}'"),
        _script("awk '{ print $NODE }' < nodes.txt > names.txt"),
        _script("cat << 'EOF' > a.sh\necho $NODE\nEOF"),
        _script("echo ${NODE:-cp1} $RANDOM $1 \\$NODE"),
        _script("for i in 1 2; do\n  echo $((i + 1))\ndone"),
        _script("while read -r node; do echo $node; done < nodes.txt"),
        _script("cat <<EOF\n# $HOME\nEOF"),
        _script("scp -r root@192.0.2.9:/etc/kubernetes/pki ./pki"),
        _script("[preflight] Running checks that take some time"),
        _script("Error from server (NotFound): it isn't here"),
        _page("```powershell\n$node = (Get-Item 'x').Name; if ($node) { kubectl get node }\n```"),
        _page("Set `ETCDCTL_API_KEYS` in the environment. A process gets `SIG_TERM`.\n\n```shell\nls\n```"),
        _page("[The start](#top) and [again](#).\n\n- one\n{#list}\n\n[The list](#list)"),
        _page("## See [the *other* page](/docs/x/)\n\n[Back](#see-the-other-page)"),
        _page('<div id="a">\n\nWords of [a](#a) and [b](#b), <span id=b>here</span>.\n\n</div>'),
        _page("Machines are in 192.0.2.0/24.\n\n```shell\nssh root@192.0.2.9\n```"),
        _page('The file looks so:\n\n```bash\nTREE_ARGS="--flag1=value1 --flag2=value2 ..."\n```'),
        _page("Call `kubectl get\nnodes` and `kubectl get pods`."),
        _page("For a cluster that exists:\n\n```shell\nkubectl get nodes\n```"),
        _page("The pods are in 10.244.0.0/16.\n\n```shell\ncurl http://$POD_IP\n```\n\n`POD_IP` is 10.244.1.2."),
    ],
)  # fmt: skip
def test_what_is_unusual_and_right_is_not_a_finding(text: str) -> None:
    assert _wrong(text) == []


@pytest.mark.parametrize(
    ("text", "check", "message", "line"),
    [
        (_script("cat <<EOF > a.repo\nbaseurl=https://a.test/$basearch\nEOF"), "placeholder", "`$basearch` is used", 9),
        (_script("HOSTS=(a b)\necho ${HOSTS[0]}\necho \"${HOST[1]}\""), "placeholder", "`$HOST` is used", 10),
        (_script("echo one\necho 'two"), "script", "a shell cannot read this script", 9),
        (_script("for i in a; do\n  echo $i"), "script", "a shell cannot read this script", 9),
        (_script("kubeadm config images list`"), "script", "a shell cannot read this script", 8),
        (_script("cat <<EOF > x\nwords"), "script", "a shell cannot read this script", 8),
        (_script("ls\n+scp a root@192.0.2.9:/root/a"), "script", "`+scp` is not a program", 9),
        (_script("scp ca.crt root@192.0.2.9:"), "left-behind", "`ca.crt`: copied to the login user's home folder", 8),
        (_script("scp /root/ca.crt root@192.0.2.9:."), "left-behind", "`ca.crt`: copied to the login", 8),
        (_script("+scp /root/ca.crt root@192.0.2.9:"), "left-behind", "`ca.crt`: copied to the login", 8),
        (_script("kubeadm init\nkubectl get nodes"), "kubeconfig", "nothing on this page gives it a kubeconfig", 9),
        (_page("See [a part](#part).\n\n<a id=\"other\"></a>\nWords."), "anchor", "the anchor #part", 7),
        (_page("Some words\nand [a part](#part)."), "anchor", "the anchor #part", 8),
        (_page("It takes\n`--dry-run` and\n`-dry-run`."), "dash", "`-dry-run` has one dash", 9),
        (_page("Old:\nthe master is\ngone."), "vocabulary", "`master` is called", 8),
    ],
)  # fmt: skip
def test_what_is_wrong_is_found_at_its_line(text: str, check: str, message: str, line: int) -> None:
    assert [(each.line, message in each.what) for each in _wrong(text, check)] == [(line, True)]


def test_a_variable_of_a_page_that_sets_none_may_be_a_placeholder() -> None:
    weights = [_wrong(_script(text))[0].weight for text in ("ls $NODE_NAME", "A=b\nls $A $NODE_NAME", "ls $node")]
    assert weights == [Weight.REMARK, Weight.MISLEADS, Weight.MISLEADS]


@pytest.mark.parametrize(("anchor", "weight"), [("始める前に", Weight.REMARK), ("kubeADMの部分", Weight.MISLEADS)])
def test_headings_that_the_site_words_have_anchors_of_any_language(anchor: str, weight: Weight) -> None:
    text = f'## {{{{% heading "prerequisites" %}}}}\n\n[A](#{anchor})\n\n## kubeadmの部分\n'
    [found] = all_rules.check(markdown.parse(text, language="ja"), None)
    assert (found.check, found.weight) == ("anchor", weight)


def test_a_machine_inside_a_range_of_pods_is_found() -> None:
    config = "networking:\n  podSubnet: 192.0.2.0/24\nlocalAPIEndpoint:\n  advertiseAddress: 192.0.2.9"
    [found] = _wrong(_page(f"```yaml\n{config}\n```"), "address")
    assert (found.line, "192.0.2.9" in found.what) == (9, True)


COPIED = "```shell\nscp apiserver-etcd-client.key root@192.0.2.9:/root/\n```"
ETCD = COPIED + "\n\n```yaml\netcd:\n  {kind}:\n    a: {file}\n```"


@pytest.mark.parametrize(("kind", "found"), [("external", ["not-in-place"]), ("local", [])])
def test_init_makes_the_files_of_etcd_where_etcd_is_stacked(kind: str, found: list[str]) -> None:
    text = _page(ETCD.format(kind=kind, file="/etc/kubernetes/pki/apiserver-etcd-client.key"))
    assert [each.check for each in _wrong(text, "not-in-place")] == found


def test_a_placeholder_that_nothing_uses_is_one_where_another_is_used() -> None:
    text = _page("`GATE_NAME` and `GATE_PORT` are the gate's, `TREE_AGE` its age.\n\n```shell\nnc GATE_NAME 1\n```")
    found = [each.what.split()[0] for each in _wrong(text, "placeholder")]
    assert found == ["`GATE_PORT`", "`TREE_AGE`"]


def test_a_name_is_not_found_in_a_longer_one() -> None:
    [found] = _wrong((CASES / "line-wrong.md").read_text())
    assert (found.line, found.what) == (12, "`$HOST` is used here and set nowhere on this page")


def test_what_a_shell_would_take_for_redirections_is_a_word() -> None:
    [command] = shell.parse("kubeadm join <host name>:<port> {a|b} > log").commands
    assert command.words == ("kubeadm", "join", "<host name>:<port>", "{a|b}")
    assert [each.words for each in shell.parse("sort <in.txt >out.txt 2>&1 | head").commands] == [("sort",), ("head",)]


def test_output_behind_a_command_without_a_prompt_is_output() -> None:
    page = markdown.parse(_script("sudo kubeadm reset\n[reset] Stopping the kubelet\nfoo"))
    assert [(each.kind, each.line) for each in page.blocks[1:]] == [(Kind.COMMAND, 8), (Kind.OUTPUT, 9)]


def test_lines_are_counted_as_editors_count_them() -> None:
    page = markdown.parse("# One\r\n\r\na\x0cb\u2028c\r\n\r\n## Two\r\n")
    assert [each.line for each in page.blocks] == [1, 3, 5]


def test_a_page_of_nothing_but_a_title_has_no_findings(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "_index.en.md").write_text("---\ntitle: All of them\n---\n")
    assert main(["check", "--kubeadm", "none", str(tmp_path / "_index.en.md")]) == 0
    assert "nothing" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["page.rst", "page.adoc", "page.HTML"])
def test_other_formats_are_refused_in_one_line(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:  # fmt: skip
    (tmp_path / name).write_bytes((CASES / "other-format.rst").read_bytes())
    assert main(["check", "--kubeadm", "none", str(tmp_path / name)]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_the_pages_that_other_tests_are_made_of_have_lines_inside_them() -> None:
    for path in PAGES.glob("*.md"):
        page = source.read(str(path))
        length = len(path.read_text().split("\n"))
        assert all(1 <= each.line <= length for each in page.blocks)


def test_without_a_bash_no_script_is_called_unreadable(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert _wrong(_script("echo 'two"), "script") == []
