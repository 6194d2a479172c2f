"""Facts are collected here, all of them read-only.

collect       one pass over everything, side by side, to `Facts`; each step ends in time, by limits
access        what was given: a kubeconfig, a login, an inventory
kubeconfig    a way to the API; kubeconfig_files, how several are merged; plugins, which give credentials
reaching_api  objects of the API, by kubeconfig or by kubectl on a control plane; api, what is kept of them
servers       each API server and the endpoint, from this host; seen, as machines see them
discovery     the machines of a cluster, from what its API says; naming, which of them was logged in to
machine       one machine: two rounds of questions over one connection, of which following has the second
questions     as shell; sections, how answers are kept apart; targets, where a machine is to connect to
machine_facts all that a machine answered, read by reading_* and balancer_*
documents     JSON and YAML of others, without trust in their shape; secret_parts, what is left out of texts
"""
