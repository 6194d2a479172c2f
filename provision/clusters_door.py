"""All that a walk needs of clusters, for a package that could leave this house: `documentation` imports no more.

What is not here is not for it. Importing this takes a second or two, so that what needs no cluster does without.
"""

from provision.cluster import Cluster
from provision.clusters.lifecycle import Clusters
from provision.config.cluster_id import PAGE, ClusterId
from provision.config.options import OPTIONS
from provision.config.settings import Settings
from provision.kubeadm.commands import keep_printed
from provision.kubeadm.printed import uploaded_key
from provision.kubeadm.workarounds import with_workarounds
from provision.machines.machine import Machine
from provision.network import plugin
from provision.node.kubelet import kubelet_option
from provision.procedure import procedure_of
from provision.procedure.step import Procedure, Step, all_steps
from provision.recording.listeners import Console, JsonLines

__all__ = [
    "OPTIONS",
    "PAGE",
    "Cluster",
    "ClusterId",
    "Clusters",
    "Console",
    "JsonLines",
    "Machine",
    "Procedure",
    "Settings",
    "Step",
    "all_steps",
    "keep_printed",
    "kubelet_option",
    "plugin",
    "procedure_of",
    "uploaded_key",
    "with_workarounds",
]
