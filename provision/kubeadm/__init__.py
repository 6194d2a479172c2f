"""kubeadm: its command lines, what it prints, and what the host makes necessary around it. Who uses which module:

procedure         commands, configuration, printed, certificates, external_ca, authority, upgrading, waits, workarounds
command line      kubeconfig
scenarios alone   rejoining, static_pods, discovery, patches: what kubeadm is used for once a cluster exists

That the last stay apart is a contract in pyproject.toml, checked by ./run unit.
"""
