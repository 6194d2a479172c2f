"""The programs that are known to only read, and with which arguments."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from provision.reading.shell import Words


class Refused(Exception):
    """The command is not known to only read."""


HARMLESS = frozenset(
    [
        "cat",
        "stat",
        "ls",
        "sha256sum",
        "grep",
        "head",
        "tail",
        "cut",
        "tr",
        "wc",
        "true",
        "false",
        "test",
        "[",
        "echo",
        "printf",
        "base64",
        "pgrep",
        "ps",
        "free",
        "df",
        "ss",
        "getent",
        "uname",
        "id",
        "readlink",
        "basename",
        "dirname",
        "nproc",
        "uptime",
        "pwd",
        "cd",
        "exit",
        "set",
        "findmnt",
        "lscpu",
        "zcat",
        "dpkg-query",
        "host",
    ]
)
"""Programs that write nowhere but to their output, whatever their arguments are."""


@dataclass(frozen=True)
class Rule:
    """What a program may be told. `verbs` are its first words that are no options, as patterns; `values` the options
    that take a value, which is skipped; `options` a pattern of the others."""

    verbs: str
    values: str = ""
    options: str = "-.*"


_TLS = "--cert|--key|--cacert|--endpoints|--write-out|-w"
RULES: dict[str, Rule] = {
    "kubectl": Rule(
        r"(get|describe|logs|version|api-resources|api-versions|explain|top|auth (can-i|whoami)|config view"
        r"|rollout status)\b.*",
        "-n|--namespace|--kubeconfig|--server|-l|--selector|-o|--output|--field-selector|--raw|--as|--as-group"
        "|--request-timeout|--context|--sort-by|-c|--container|--tail",
        r"(?!--profile|--cache-dir|--log).*",
    ),
    "etcdctl": Rule(r"(endpoint|member list|alarm list|get|version)\b.*", _TLS),
    "crictl": Rule(r"(ps|pods|images|info|version|inspect[ip]?|logs|stats|imagefsinfo)\b.*"),
    "ctr": Rule(r"(containers|tasks|images|namespaces|snapshots|content) (list|ls|info)\b.*", "-n|--namespace"),
    "systemctl": Rule(
        r"((is-active|is-enabled|is-failed|is-system-running|show|status|list-units|list-unit-files|cat)\b.*)?",
        "-p|--property|--type|-t",
    ),
    "journalctl": Rule(
        "", "-n|-u|-t|-o|-p|-g|--since|--until|--unit|--lines|--output|--identifier|--priority|--grep",
        r"--no-pager|-k|-b|-q|-x|-e|-r|--(since|until|unit|lines|output|utc|reverse|quiet|boot|dmesg)(=.*)?",
    ),
    "ip": Rule(r"(address|addr|a|route|r|link|l|neigh|rule)( (show|list|get)\b.*)?", "", r"-(4|6|json|j|br|brief|o)"),
    "openssl": Rule(
        r"(x509|pkey|verify|version|s_client|crl)",
        "-in|-connect|-servername|-CAfile|-checkend|-ext|-nameopt|-inform|-cert|-key|-untrusted",
        r"-(noout|text|subject|issuer|dates|startdate|enddate|serial|fingerprint|sha256|pubout|pubin|pubkey|showcerts"
        r"|modulus|purpose|brief)",
    ),
    "curl": Rule(
        r"\S+", "-m|--max-time|--connect-timeout|--cacert|--cert|--key|-H|--header|-w|--write-out|--resolve|--tls-max",
        r"-[sSkfgiILv]+|--(silent|show-error|insecure|fail|head|location|globoff|noproxy=.*)",
    ),
    "kubeadm": Rule(
        r"version|certs check-expiration|config (images list|print .*)|token list", "-o|--output|--kubeconfig"
    ),
    "kubelet": Rule("", "", "--version"),
    "containerd": Rule("", "", "--version"),
    "etcd": Rule("", "", "--version"),
    "haproxy": Rule("", "-f", "-v|-vv|-c|-q"),
    "hostname": Rule("", "", "-[fsiIA]"),
    "date": Rule(r"(\+.*)?", "-d", "-u|-I.*|-R"),
    "sort": Rule(".*", "-k|-t", "-[nruhfVbs]+"),
    "uniq": Rule("", "", "-[cdui]+"),
    "sysctl": Rule(r"[\w./ -]*", "", "-[na]"),
    "swapon": Rule("", "", "--show.*|--noheadings"),
    "command": Rule(r"[\w./ -]+", "", "-[vV]"),
    "timedatectl": Rule("(show|status)?", "-p|--property"),
    "lsmod": Rule(""),
    "nft": Rule("list .*"),
    "iptables-save": Rule("", "-t"),
}  # fmt: skip


def check(name: str | None, words: Words) -> None:
    """Raise Refused where a program is unknown, or is told more than its rule allows."""
    if name in HARMLESS:
        return
    if name not in RULES:
        raise Refused(f"runs {name or 'something that is only known when it runs'}")
    rule, said = RULES[name], " ".join(word or "…" for word in words)
    if name == "curl":
        words = _request(words)
    plain, options = _sorted(words, rule.values)
    for option in options:
        if not re.fullmatch(rule.options, option):
            raise Refused(f"{name} {option}: {said}")
    if not re.fullmatch(rule.verbs, " ".join(plain)):
        raise Refused(f"{name} {said}")


def _sorted(words: Words, values: str) -> tuple[list[str], list[str]]:
    """Words and options apart, without the values that options take."""
    plain: list[str] = []
    options: list[str] = []
    left = iter(words)
    for word in left:
        if word is None:
            plain.append("…")
        elif values and re.fullmatch(values, word):
            next(left, None)
        elif word.startswith("-") and len(word) > 1:
            if not (values and re.fullmatch(values, word.split("=")[0])):
                options.append(word)
        else:
            plain.append(word)
    return plain, options


def _request(words: Words) -> Words:
    """Without the method and the file for the answer, where they are what reads: GET, or a dry run, and nowhere."""
    dry = any(word and word.endswith("?dryRun=All") for word in words)
    kept, left = [], iter(words)
    for word in left:
        if word in ("-X", "--request"):
            if (method := next(left, None)) not in ("GET", "HEAD") and not dry:
                raise Refused(f"curl -X {method}")
        elif word in ("-o", "--output"):
            if (target := next(left, None)) != "/dev/null":
                raise Refused(f"curl -o {target}")
        else:
            kept.append(word)
    return kept


def find(words: Words) -> Iterator[Words]:
    """The commands that `find` would run; raises Refused where it would change something itself."""
    for word in words:
        if word is None or re.fullmatch(r"-delete|-fprint.*|-fls", word):
            raise Refused(f"find {word or '…'}")
    positions = [at for at, word in enumerate(words) if word in ("-exec", "-execdir", "-ok", "-okdir")]
    for at in positions:
        ends = [end for end in range(at, len(words)) if words[end] in (";", "+")]
        if not ends:
            raise Refused("find -exec without an end")
        yield words[at + 1 : ends[0]]


def netcat(words: Words, fed_by: Words) -> None:
    """A look whether a port is open, or a question to HAProxy's socket."""
    asks = fed_by[:1] == ["echo"] and (fed_by[1] or "").startswith("show ") and len(fed_by) == 2
    if "-z" not in words and not ("-U" in words and asks):
        raise Refused("nc sends something")


def _behind(values: str) -> Callable[[Words], Words]:
    def rest(words: Words) -> Words:
        at = 0
        while at < len(words) and (words[at] or "").startswith("-"):
            at += 2 if re.fullmatch(values, words[at] or "") else 1
        return words[at:]

    return rest


WRAPPERS: dict[str | None, Callable[[Words], Words]] = {
    "sudo": _behind("-u|-g"),
    "env": _behind("-u"),
    "nsenter": _behind("--target|-t"),
    "timeout": lambda words: _behind("-k|-s")(words)[1:],
}
"""Programs that run another one: what is left of their words is its command."""
