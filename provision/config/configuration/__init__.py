"""A user's own kubeadm configuration, and what is expected of a cluster with it. What it needs beside: `kubeadm`."""
