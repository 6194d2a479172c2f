"""How long what brings a cluster up, or undoes it, may take on its machines, in seconds: every such limit is here.

A scenario states how long it waits for what it is about (`fixtures/`, `scenarios/`), by these names where it does what
the procedure does; collecting evidence has a limit of its own (`clusters/evidence.py`). Each limit is multiplied by the
cluster's patience where processors are emulated. An ordinary command on a machine ends after a minute (`Machine.run`),
one on this host after two (`provision/util/local.py`); what needs longer there, to make artifacts or to start machines,
has its limit beside it.
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

ETCD_CERTIFICATES = 240
"""Until every member's certificates are made: a second, by twelve commands. Their configuration names no version, so
each first asks the internet for the newest one, and waits ten seconds for it where a firewall answers nothing."""

ETCD_HEALTHY = 120
"""Until every etcd member is healthy: seconds after the last kubelet has started its static pod."""

MANIFEST = 120
"""Until `kubectl apply` has read a published manifest from the internet, and applied it."""

KUBECTL = 60
"""Any other kubectl command."""

KUBECTL_ENDS = 10
"""What kubectl may take beyond its own --timeout: it ends first, and says why."""

PACKAGES = 600
"""Until official packages are fetched and installed on a machine of yours, over a slow line."""

IMAGES = 600
"""Until an archive of images is sent to a machine of yours and imported there: a gigabyte, over a slow line."""

UNDO = 180
"""Until a machine of yours is what it was: `kubeadm reset` with a minute for the rest, units that stop included."""

ANSWER = 10
"""Until a machine that was ready answers at all; one that does not has been switched off, or rebooted."""

LOGS = 20
"""Until a machine has shown the last lines of its log: a second, and the error that they explain is waiting."""

VIRTUAL_ADDRESS = 30
"""Seconds until a machine holds the address of the endpoint: it hears of no other for four of them, by VRRP."""

BALANCER_LISTENS = 30
"""Until a load balancer that was reloaded listens: a tenth of a second, on a busy host a few."""
