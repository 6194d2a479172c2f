"""kubeadm: its command lines, what it prints, and what the host makes necessary around it."""
