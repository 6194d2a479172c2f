"""The endpoint of the control plane, as variables of Ansible's inventories have it. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

_OURS = "ha_endpoint"
_WHOLE = ("control_plane_endpoint", "controlPlaneEndpoint", "controlplane_endpoint", "kubeadm_control_plane_endpoint",
          "kube_control_plane_endpoint", "k8s_control_plane_endpoint", "kubernetes_control_plane_endpoint")  # fmt: skip
_VIRTUAL = ("apiserver_vip", "api_server_vip", "kube_apiserver_vip", "kube_api_vip", "k8s_api_vip", "k8s_vip",
            "kubernetes_vip", "control_plane_vip", "controlplane_vip", "kube_vip_address", "kube_vip_ip")  # fmt: skip
"""Names and addresses of the control plane's own; `vip` alone may be anything's."""

_KUBESPRAYS_NAME = "lb-apiserver.kubernetes.local"  # its default for apiserver_loadbalancer_domain_name
_PORT = "6443"

WHERE = "say ha_endpoint=lb.example.org:6443 in [all:vars], or endpoint in an inventory in TOML"


def endpoint(variables: Mapping[str, Any], text: Callable[[str], str], plain: Callable[[str], str]) -> tuple[str, str]:
    """The endpoint and the variable that says it; both empty where none does.

    `text` renders a variable, and `plain` one that may be left out where it cannot be rendered.
    """
    if given := text(_OURS):
        return given, _OURS
    balancer = variables.get("loadbalancer_apiserver")
    if isinstance(balancer, dict):
        name = plain("apiserver_loadbalancer_domain_name") or _KUBESPRAYS_NAME
        return f"{name}:{balancer.get('port', _PORT)}", "loadbalancer_apiserver"
    for variable in (*_WHOLE, *_VIRTUAL):
        if given := plain(variable):
            bare = given.removeprefix("https://").rstrip("/")
            return bare if ":" in bare else f"{bare}:{_PORT}", variable
    return "", ""
