"""What findings about a balancer have in common. No rule is here."""

from __future__ import annotations

from checks.facts.balancer import Balancer

AVAILABILITY = "https://kubernetes.io/docs/setup/production-environment/tools/kubeadm/high-availability/"

_HTTPS = "`option httpchk GET /livez`, and `check check-ssl verify none` at each server"


def values_of(balancer: Balancer) -> dict[str, str]:
    """What fixes are filled with. A static pod is not restarted for its files' sake: its container is stopped."""
    file = balancer.configuration or balancer.where
    unit = balancer.where.removesuffix(".service")
    again = f"systemctl reload {unit}"
    if unit == balancer.where:
        again = f"crictl stop $(sudo crictl ps --name {balancer.kind} --quiet)"
    check = _HTTPS if balancer.kind == "haproxy" else f"{balancer.kind} has no check of its own; HAProxy has"
    return {"kind": balancer.kind, "file": file, "edit": f"sudoedit {file} && sudo {again}", "check": check}


def lines_of(balancer: Balancer) -> tuple[str, ...]:
    """Its servers, as a reader compares them."""
    return tuple(
        " ".join(filter(None, (
            f"{each.name} {each.address}:{each.port}", f"check: {each.checked}" if each.checked else "",
            {True: "up", False: "down", None: ""}[each.up], each.last_check,
        )))
        for each in balancer.servers
    )  # fmt: skip
