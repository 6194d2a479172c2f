"""How long what the procedure does on a cluster's machines may take, in seconds, and kubectl wherever it is called.

Not in here, but named with its reason beside its use, is what is done in one place alone: what a scenario tries, or
waits for (a join that must fail, a dry run), what your own machines are prepared by, and evidence.

Each is multiplied by the cluster's patience where processors are emulated. An ordinary command on a machine ends after
a minute (`Machine.run`), one on this host after two (`provision/util/local.py`); what needs longer there, to make
artifacts or to start machines, has its limit beside it.
"""

from __future__ import annotations

INIT = 360
"""`kubeadm init`. Its own limits, four minutes for the kubelet and for the control plane, end first, with better
messages."""

JOIN = 420
"""`kubeadm join`. Its own limits, four minutes for the kubelet and two for etcd, end first, with better messages."""

UPGRADE = 420
"""`kubeadm upgrade`, and draining a node: static pods start anew as they do after a join."""

SIGNED = JOIN
"""Until an external authority has signed what each kubelet requests: they request it while they join."""

RESET = 120
"""`kubeadm reset`, which stops and removes every container of a node: seconds, on a busy host a minute."""

SIGNATURE = 60
"""Until cluster-info is signed for a new token: a controller does that in a second, once it has started."""

READY = 240
"""Until all nodes and pods of kube-system are ready: a minute, most of it for pods that wait to be tried again."""

NODE_READY = 120
"""Until one node is there, or is ready, after its join has ended: as long as its network pod takes to start."""

API_READY = 120
"""Until an API server is ready, or a node is drained, after static pods were started anew: half a minute."""

RESTART = 120
"""Until a control plane's static pods have ended, are ready again, and its API server: half a minute each."""

KUBELETS = 240
"""Until every kubelet reports its new version: they report every ten seconds, and some have just been restarted."""

ETCD_HEALTHY = 120
"""Until every etcd member is healthy: seconds after the last kubelet has started its static pod."""

MANIFEST = 120
"""Until `kubectl apply` has read a published manifest from the internet, and applied it."""

KUBECTL = 60
"""Any other kubectl command, and what one may take beyond its own --timeout: kubectl then ends first, and says why."""
