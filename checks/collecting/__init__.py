"""Facts are collected here, all of them read-only.

access       what was given: a kubeconfig, a login, an inventory
collect      one pass over everything, in parallel, to `Facts`
api          objects of the API: by a kubeconfig, or with kubectl on a control plane
servers      each API server and the endpoint, from this host
discovery    the machines of a cluster, from what its API says
machine      one machine: two commands over one connection; sections, parts of a command that are kept apart
reading_*    what the sections of a command mean, pure
balancer_*   load balancers' files, pure
"""
