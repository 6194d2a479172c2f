"""The load balancer and its name in DNS: what is rendered, and the few commands that apply it."""
