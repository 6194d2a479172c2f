"""keepalived, which has one of several machines hold the address of the endpoint, by VRRP.

Source: kubeadm's ha-considerations.md (one machine with a higher priority, and a script that checks the way to the API
server). The machines hear of each other by multicast, which the networks of containers carry.
"""

from __future__ import annotations

from provision.config.cluster_state import Endpoint

CONFIGURATION = "/etc/keepalived/keepalived.conf"
SCRIPT = "/etc/keepalived/check_apiserver.sh"

CHECKED = (
    f"sudo sh -c 'found=$(keepalived --config-test --use-file {CONFIGURATION} 2>&1); "
    '[ -z "$found" ] || { echo "$found" >&2; exit 1; }\''
)
"""The command that refuses a configuration before it is put to use. Whatever keepalived 2.2 finds, it ends itself by a
signal (rc 143), and prints what is wrong."""

# A failing script takes two points away, and the first machine has one more than the others: it is behind them then.
# Where it fails on all machines, as before there is any API server, the first one holds the address all the same.
_TEMPLATE = """\
global_defs {{
    router_id {name}
    enable_script_security
    script_user nobody
}}

vrrp_script check_apiserver {{
    script "{script}"
    interval {every}
    timeout {patience}
    fall 3
    rise 2
    weight -2
}}

vrrp_instance endpoint {{
    state {state}
    interface {interface}
    virtual_router_id {router}
    priority {priority}
    advert_int 1
    virtual_ipaddress {{
        {address}
    }}
    track_script {{
        check_apiserver
    }}
}}
"""


def render(name: str, interface: str, endpoint: Endpoint, *, first: bool, patience: int = 1) -> str:
    """The configuration of one machine, whose `interface` is in the network of the endpoint's address. Pure.

    The `first` one holds the address unless something is wrong with it. `patience` multiplies the script's seconds. The
    virtual router has the number of the address's last part, so that two clusters in one network have two numbers.
    There is no password: VRRP sends it in clear, and its newer version has none (RFC 5798, section 9).
    """
    return _TEMPLATE.format(
        name=name, script=SCRIPT, every=patience, patience=2 * patience, state="MASTER" if first else "BACKUP",
        interface=interface, router=endpoint.address.rpartition(".")[2], priority=101 if first else 100,
        address=endpoint.address,
    )  # fmt: skip


def script(port: int, patience: int = 1) -> str:
    """The script: whether an API server answers through this machine's own balancer. Pure."""
    url = f"https://localhost:{port}/healthz"
    return f"#!/bin/sh\nexec curl --silent --fail --insecure --max-time {2 * patience} --output /dev/null {url}\n"
