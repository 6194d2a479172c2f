"""How a highly available cluster comes to be. No pytest in here. The rooms, from the top down:

cli           the verbs of ./run, the doctor, the plan and the dry run behind it, the benchmark
clusters      the life of clusters on this host: selection, start, bring-up, registry, state, locks, evidence
providers     where machines come from: container, vagrant, inventory; each makes them, finds them and removes them
artifacts     what machines are made of, made once and kept: programs, images, root file systems, image stores
procedure     the documentation's steps (parts.py), and their order on each page (stacked.py, external.py)
kubeadm etcd  what each renders (pure), beside the few commands that apply it
loadbalancer network
cluster.py    a cluster: its machines, its endpoint, and what was seen while it came to be
readonly      decides by a command's text whether it may run on an existing cluster
machines      a machine is a thing with `run`, over SSH
node          what any node carries (files.py), and host workarounds: what this host makes necessary
config        decided before anything is touched: options, versions, topology, cluster ids, inventories, limits of waits
observations.py  what steps saw of a cluster, for later steps and for scenarios; what is secret is apart
recording     what happened, as it happens: journal, listeners, redaction
util          local commands, concurrency and waits, files written whole, durations, locks, the grammar of shell
errors.py     errors for people

A room imports from those below it, never from those above: contracts in pyproject.toml, checked by ./run unit.
"""
