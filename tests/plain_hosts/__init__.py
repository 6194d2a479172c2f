"""Stand-ins for your own machines, made of plain parts: Debian with systemd and sshd, and what an administrator did.

Nothing here is a part of the product: no image of it, no filled image store, no DNS. `image` makes Debian, `mirror` the
packages that a network without internet has and `registry` the images, `machines` starts the machines, `administrator`
is what a person did on them, and `layout` says which there are.
"""
