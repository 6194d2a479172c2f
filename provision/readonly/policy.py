"""The programs that are known to only read, with every option that they may be given.

What is not listed is refused, abbreviations of long options too. An option that takes no value must not stand among
those that take one: what follows it would pass for the value, even if it is what the program is to do.
"""

from __future__ import annotations

from collections.abc import Mapping

from provision.readonly.options import Program, Usage
from provision.readonly.shell import MANY, ONE

ANY = r"(?!-).*"
"""Any text that cannot be taken for an option."""
NUMBER = r"\d+"
DURATION = r"\d+(\.\d+)?(ms|s|m|h)?"
NAME = r"[\w*][\w.:@*-]*"
NAMES = r"[\w*][\w.,:/@*-]*"
PATH = rf"[/~{ONE}][\w./@:+{ONE}-]*"
URL = r"https://[\w.:\[\]-]+"
FORMAT = r"json|yaml|wide|name|short|table|simple|(jsonpath|custom-columns|go-template)=.*"

_OBJECTS = Usage(
    "-A --all-namespaces --no-headers --show-labels --ignore-not-found",
    {FORMAT: "-o --output", r"[\w./=!, ()-]+": "-l --selector --field-selector", r"\.[\w.\[\]]+": "--sort-by"},
    NAMES,
)
_STATES = Usage(words=NAME)
_LISTED = Usage("-q --quiet")
_CERTIFICATE = {PATH: "-in", "PEM|DER": "-inform"}
_SHOWN = Usage(words=r"[\w.:/-]+")
_SHORT = Usage("", {FORMAT: "-o --output"})
_NETWORK_OBJECTS = ("address", "addr", "a", "route", "r", "link", "neigh", "rule")

# Requests to the API server, and to nothing behind it: what a request to `proxy` does is not known.
_RAW = r"/(livez|readyz|healthz|version|metrics|apis?|openapi)\b(?!.*/(proxy|exec|attach|portforward)\b)[\w/.?=&-]*"


def _alone(
    flags: str = "", values: Mapping[str, str] | None = None, words: str = "", *, least: int = 0, most: int = 1000
) -> Program:
    """A program without subcommands."""
    return Program({"": Usage(flags, values or {}, words, least, most)})


def _harmless(flags: str = "", values: Mapping[str, str] | None = None, words: str = ANY) -> Program:
    return Program({"": Usage(flags, values or {}, words)}, harmless=True)


def _version(*flags: str) -> Program:
    """A program that may only say its version."""
    return Program({"": Usage(" ".join(flags), needed=" ".join(flags))}, clusters=False)


def _only(*subcommands: str, usage: Usage = Usage()) -> dict[str, Usage]:  # noqa: B008  # is frozen
    return dict.fromkeys(subcommands, usage)


_SHELL: dict[str, Program] = {
    "true": _alone(),
    "false": _alone(),
    "pwd": _alone(),
    "cd": _alone(words=PATH),
    "exit": _alone(words=NUMBER, most=1),
    "set": _alone("-e -u"),
    "command": Program({"": Usage("-v", words=NAMES, needed="-v")}),
    "echo": _harmless("-n -e"),
    "printf": _alone(words=rf"(?!-)([^%{ONE}{MANY}]|%[sd%])*"),  # `-v` sets a variable, and so does `%n`
    "test": Program({"": Usage(  # not `-v`: a shell runs what stands in the index of such a variable
        "-b -c -d -e -f -g -h -k -L -n -p -r -s -S -u -w -x -z -eq -ne -lt -le -gt -ge -nt -ot -ef -a -o", words=ANY
    )}, clusters=False),
}  # fmt: skip

_FILES: dict[str, Program] = {
    "base64": _harmless("-d --decode", {NUMBER: "-w --wrap"}),
    "basename": _harmless("-a", {ANY: "-s"}),
    "cat": _harmless("-A -e -E -n -s -T -v"),
    "cut": _harmless("-s", {ANY: "-d --delimiter", r"[\d,-]+": "-b -c -f --fields"}),
    "df": _alone("-a -h -i -k -l -m -P -T", words=PATH),
    "dirname": _harmless(),
    "findmnt": _alone("-J -l -n -r", {NAMES: "-o --output -t", PATH: "-T --target"}, PATH),
    "grep": _harmless(
        "-a -c -E -F -h -H -i -I -l -L -n -o -P -q -r -s -v -w -x -z",
        {NUMBER: "-A -B -C -m", ANY: "-e --include --exclude"},
    ),
    "head": _harmless("-q -v", {NUMBER: "-c -n --bytes --lines"}),
    "ls": _harmless("-- -1 -a -A -d -h -i -l -L -n -q -R -S -t --time-style=full-iso"),
    "readlink": _harmless("-e -f -m -n"),
    "sha256sum": _harmless("-b"),
    "sort": _alone("-b -f -h -n -r -s -u -V", {r"[\w.,]+": "-k --key", ANY: "-t"}, PATH),
    "stat": _harmless("-f -L -t", {ANY: "-c --format --printf"}),
    "tail": _harmless("-q -v", {NUMBER: "-c -n --bytes --lines"}),
    "tr": _alone("-c -d -s", words=ANY, most=2),
    "uniq": _alone("-c -d -i -u"),  # a second word is a file that it writes
    "wc": _harmless("-c -l -m -w"),
    "zcat": _harmless(),
}

_SYSTEM: dict[str, Program] = {
    "date": _alone("-I -R -u -Iseconds --utc", {r"[\w@:+. -]+": "-d --date", PATH: "-r"}, r"\+.*", most=1),
    "dpkg-query": _alone("-l -L -s -W --show", {ANY: "-f"}, NAME),
    "free": _alone("-b -g -h -k -m -w"),
    "getent": _alone(words=NAMES),
    "host": _alone("-4 -6", {NAME: "-t"}, NAME),
    "hostname": _alone("-A -d -f -i -I -s"),  # a word would be the new name
    "id": _alone("-g -G -n -u", words=NAME),
    "ip": Program(
        _only("", *_NETWORK_OBJECTS) | _only(
            "route get", *(f"{each} {verb}" for each in _NETWORK_OBJECTS for verb in ("show", "list")), usage=_SHOWN
        ),
        Usage("-4 -6 -br -brief -d -j -json -o -oneline -s"), clusters=False,
    ),
    "journalctl": _alone(
        "-b -e -k -q -r -x --boot --dmesg --no-pager --quiet --reverse --utc",
        {NUMBER: "-n --lines", NAME: "-o -p -t -u --identifier --output --priority --unit",
         r"[\w@:+. -]+": "-S -U --since --until", ANY: "-g --grep"},
    ),
    "lscpu": _alone("-J"),
    "lsmod": _alone(),
    "nft": Program({"list ruleset": Usage(), "list tables": Usage()}, Usage("-j -n -s"), clusters=False),
    "nproc": _alone("--all"),
    "pgrep": _alone("-a -f -l -n -o -x", {NAME: "-u"}, ANY, most=1),
    "ps": _alone("-A -e -f", {NAMES: "-C -o -p"}, "[a-z]+", most=1),
    "ss": _alone("-4 -6 -a -e -H -i -l -m -n -o -p -t -u -x", words=r"[\w=:.*! ()]+"),
    "swapon": Program({"": Usage("--show --noheadings", needed="--show")}, clusters=False),
    "sysctl": _alone("-a -n", words=r"[\w./-]+"),  # a word with `=` sets
    "systemctl": Program(
        _only("is-system-running", "") | _only(
            "cat", "is-active", "is-enabled", "is-failed", "list-unit-files", "list-units", "show", "status",
            usage=_STATES,
        ),
        Usage("-a -l -q --all --failed --full --no-legend --no-pager --plain --quiet --value",
              {NAMES: "-p -t --property --state --type", NUMBER: "-n --lines"}),
    ),
    "systemd-detect-virt": _alone("-c -q -v --container --quiet --vm"),
    "uname": _alone("-a -m -n -r -s -v"),
    "uptime": _alone("-p -s"),
}  # fmt: skip

_CLUSTER: dict[str, Program] = {
    "containerd": _version("--version"),
    "crictl": Program(
        {"logs": Usage("", {NUMBER: "--tail"}, NAME)} | _only(
            "images", "imagefsinfo", "info", "inspect", "inspectp", "pods", "ps", "stats", "version",
            usage=Usage("-a -q --all --quiet", {FORMAT: "-o --output"}, NAME),
        ), clusters=False,
    ),
    "ctr": Program(
        _only("version") | _only(
            *(f"{each} {verb}" for each in ("containers", "images", "namespaces", "tasks") for verb in ("list", "ls")),
            usage=_LISTED,
        ),
        Usage("", {NAME: "-n --namespace"}), clusters=False,
    ),
    "etcd": _version("--version"),
    "etcdctl": Program(
        _only("alarm list", "member list", "version")
        | _only("endpoint health", "endpoint status", usage=Usage("--cluster"))
        | _only("endpoint hashkv", usage=Usage("--cluster", {NUMBER: "--rev"}))
        | {"get": Usage(
            "--count-only --keys-only --prefix --print-value-only", {"l|s": "--consistency", NUMBER: "--limit"},
            r"[\w/].*", least=1, most=2,
        )},
        Usage("", {
            PATH: "--cacert --cert --key", rf"{URL}(,{URL})*": "--endpoints",
            DURATION: "--command-timeout --dial-timeout", "fields|json|simple|table": "-w --write-out",
        }),
    ),
    "haproxy": _version("-v", "-vv"),
    "kubeadm": Program({
        "version": _SHORT, "certs check-expiration": _SHORT, "token list": _SHORT, "config images list": _SHORT,
        "config print init-defaults": Usage(), "config print join-defaults": Usage(),
    }),
    "kubectl": Program({
        "api-resources": Usage(
            "--namespaced --namespaced=false --no-headers", {FORMAT: "-o --output", "[a-z,]+": "--verbs"}
        ),
        "api-versions": Usage(),
        "auth can-i": Usage("-A --all-namespaces --list", {r"[\w:.-]+": "--as --as-group"}, NAMES),
        "auth whoami": _SHORT,
        "config current-context": Usage(),
        "config view": Usage("--minify", {FORMAT: "-o --output"}),
        "describe": Usage("-A --all-namespaces", {r"[\w./=!, ()-]+": "-l --selector"}, NAMES),
        "explain": Usage("--recursive", words=NAMES),
        "get": Usage(_OBJECTS.flags, {**_OBJECTS.values, _RAW: "--raw"}, NAMES),
        "logs": Usage("-p --all-containers --previous --timestamps",
                      {NAME: "-c --container", NUMBER: "--tail", DURATION: "--since"}, NAMES),
        "rollout status": Usage("", {DURATION: "--timeout"}, NAMES),
        "top node": _STATES, "top nodes": _STATES, "top pod": _OBJECTS, "top pods": _OBJECTS,
        "version": Usage("--client", {FORMAT: "-o --output"}),
    }, Usage("", {  # a kubeconfig may name a program to run: only kubeadm's own are taken
        r"/etc/kubernetes/[\w-]+\.conf": "--kubeconfig", URL: "--server -s", NAME: "-n --namespace --context",
        DURATION: "--request-timeout",
    })),
    "kubelet": _version("--version"),
    "openssl": Program({
        "crl": Usage("-issuer -lastupdate -nextupdate -noout -text", _CERTIFICATE),
        "pkey": Usage("-noout -pubin -pubout -text -text_pub", _CERTIFICATE),
        "s_client": Usage("", {r"[\w.:\[\]-]+:\d+": "-connect", NAME: "-servername"}),
        "verify": Usage("", {PATH: "-CAfile -untrusted"}, PATH),
        "version": Usage("-a -v"),
        "x509": Usage(
            "-dates -email -enddate -fingerprint -issuer -modulus -noout -ocsp_uri -pubkey -purpose -serial -sha256"
            " -startdate -subject -text",
            {**_CERTIFICATE, NUMBER: "-checkend", r"[\w,]+": "-certopt -ext -nameopt"},
        ),
    }, clusters=False),
}  # fmt: skip

_NETWORK: dict[str, Program] = {
    "curl": _alone(
        "-4 -6 -f -g -G -I -i -k -S -s -v --fail --globoff --head --include --insecure --parallel --show-error"
        " --silent --verbose",
        {
            NUMBER: "-m --connect-timeout --max-time",
            PATH: "-E --cacert --cert --key",
            "GET|HEAD": "-X --request",
            "/dev/null": "-o --output",
            r"(%\{\w+\}|\\n|[\w :/])+": "-w --write-out",
            r"1\.[0-3]": "--tls-max",
            r"[\w.*,]+": "--noproxy",
        },
        r"https?://([\w.:-]+|\[[0-9a-fA-F:]+\](:\d+)?)(/[\w./?=&:-]*)?", least=1,
    ),
    "nc": _alone("-4 -6 -N -n -U -v -z", {NUMBER: "-w"}, r"[\w./][\w./:-]*", least=1, most=2),
}  # fmt: skip

PROGRAMS: Mapping[str, Program] = _SHELL | _FILES | _SYSTEM | _CLUSTER | _NETWORK

WRAPPERS: Mapping[str, Usage] = {
    "env": Usage(),
    "nsenter": Usage("-m --mount", {rf"\d+|{ONE}": "-t --target"}),
    "sudo": Usage("-n"),
    "timeout": Usage(words=DURATION, least=1),
}
"""Programs that run another one: what may stand before its name, words of their own included."""

VARIABLES: Mapping[str, str] = {
    "KUBECACHEDIR": "/dev/null",
    "KUBECONFIG": r"/etc/kubernetes/[\w-]+\.conf",
    "LANG": r"C(\.UTF-8)?",
    "LC_ALL": r"C(\.UTF-8)?",
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
}
"""The variables that may be set for a command, with patterns of their values."""
