"""An etcd cluster on machines of its own: the kubelet as its service manager, its members, its client."""
