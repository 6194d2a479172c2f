"""The programs that are known to only read, and what they may be told."""

from __future__ import annotations

from dataclasses import dataclass

HARMLESS = frozenset((
    "cat", "stat", "ls", "sha256sum", "grep", "head", "tail", "cut", "tr", "wc", "true", "false", "test", "[",
    "echo", "printf", "base64", "pgrep", "ps", "free", "df", "getent", "uname", "id", "readlink", "basename",
    "dirname", "nproc", "uptime", "pwd", "cd", "exit", "set", "findmnt", "lscpu", "zcat", "dpkg-query", "host",
    "systemd-detect-virt",
))  # fmt: skip
"""Programs that write nowhere but to their output, whatever their arguments are."""


@dataclass(frozen=True)
class Rule:
    """What a program may be told. `verbs` are its first words that are no options, as patterns; `values` the options
    that take a value, which is skipped; `options` a pattern of the others, one of which must match `needed`."""

    verbs: str
    values: str = ""
    options: str = "-.*"
    needed: str = ""


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
    "kubelet": Rule("", "", "--version", "--version"),
    "containerd": Rule("", "", "--version", "--version"),
    "etcd": Rule("", "", "--version", "--version"),
    "haproxy": Rule("", "", "-vv?", "-vv?"),
    "ss": Rule(".*", "", "-[Htlnaup46]+"),
    "hostname": Rule("", "", "-[fsiIA]"),
    "date": Rule(r"(\+.*)?", "-d", "-u|-I.*|-R"),
    "sort": Rule(".*", "-k|-t", "-[nruhfVbs]+"),
    "uniq": Rule("", "", "-[cdui]+"),
    "sysctl": Rule(r"[\w./ -]*", "", "-[na]"),
    "swapon": Rule("", "", "--show.*|--noheadings", "--show.*"),
    "command": Rule(r"[\w./ -]+", "", "-[vV]", "-[vV]"),
    "timedatectl": Rule("(show|status)?", "-p|--property"),
    "lsmod": Rule(""),
    "nft": Rule("list .*"),
    "iptables-save": Rule("", "-t", "-c"),
}  # fmt: skip
