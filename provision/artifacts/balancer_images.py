"""The images of HAProxy and keepalived, for clusters whose balancer is static pods: Debian's packages, on one layer."""

from __future__ import annotations

from provision.artifacts import rootfs
from provision.artifacts.archive import Image, write_archive
from provision.artifacts.cache import Cache, Recipe
from provision.artifacts.images import Images
from provision.config.balancers import IMAGES


def provide(cache: Cache) -> Images:
    """The images, put together where they are missing. None of them stands in for another."""
    layer = rootfs.balancer(cache)
    names = tuple(IMAGES.values())
    recipe = Recipe(
        "images-balancer", {"rootfs": layer.parent.name, "names": " ".join(names)},
        "put the balancer's images together", "seconds",
    )  # fmt: skip
    made = [Image(image, (layer,), command=(name,)) for name, image in IMAGES.items()]
    folder = cache.provide(recipe, lambda folder: write_archive(folder / "balancer.tar", made))
    return Images((folder / "balancer.tar",), names, ())
