"""Clusters' ids: every choice comes back from its id, and no text that a user made up is taken for a choice."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from provision.config.addresses import Family
from provision.config.balancers import BY_NAME, KINDS
from provision.config.choices import slug
from provision.config.cluster_id import AUTHORITIES, CERTIFICATES, KEYS, RESERVED, ClusterId, Variant
from provision.config.options import HYPERVISORS, NETWORKS, OPTIONS, PROVIDERS, ROUTES
from provision.config.settings import Settings
from provision.config.topology import TOPOLOGIES, Role
from provision.config.versions import PATTERN
from provision.network import plugin
from provision.util.errors import BadInput
from tests.test_inventory import GOOD

FEATURES = (
    "counts",
    "origin",
    "keys",
    "authority",
    "kubeadm",
    "kubelets",
    "before",
    "upgraded",
    "mutable",
    "faults",
    "family",
)
WORDS = st.one_of(st.just(""), st.sampled_from(sorted(RESERVED)), st.from_regex("[a-z]{1,8}", fullmatch=True))
BOXES = st.one_of(
    st.just(""), st.sampled_from(["x/mutable", "x/mutable-1", "me/rsa-4096", "5cp", "before", "mutable/ca-elsewhere"]),
    st.from_regex("[A-Za-z0-9]{1,5}/[A-Za-z0-9._-]{1,8}", fullmatch=True),
)  # fmt: skip
TRIED = {
    "upgrade-from": st.sampled_from(["", "previous", "1.35.4"]),
    "kubeadm": st.sampled_from(["", "next", "1.37.0-rc.1"]),
    "kubelets": st.sampled_from(["", "-1", "1.35.2,-2"]),
    "keys": st.sampled_from(KEYS),
    "authority": st.sampled_from(AUTHORITIES),
    "certificates": st.sampled_from(CERTIFICATES),
    "control-plane-joins": st.sampled_from(["serial", "parallel"]),
    "network": st.sampled_from(NETWORKS),
    "load-balancer": st.sampled_from([kind.name for kind in KINDS]),
    "online": st.just("yes"),
    "provider": st.sampled_from(["container", "vagrant"]),
    "hypervisor": st.sampled_from(HYPERVISORS),
    "box": BOXES,
    "control-planes": st.integers(1, 9).map(str),
    "workers": st.integers(2, 9).map(str),
    "addresses-family": st.sampled_from([each.value for each in Family]),
    "variant": WORDS,
}
NOT_IN_THE_VARIANT = {
    "kubernetes", "programs", "source", "artifacts", "inventory", "mode", "in-use", "engine", "emulation", "cpus",
    "memory", "families", "mutable", "faults", "addresses", "packages", "cluster", "configuration", "keep", "reuse",
    "run-dir", "shard", "night", "shard-durations",
}  # fmt: skip
"""Options that are no part of ids, or tried below."""


def _possible(chosen: dict[str, str]) -> dict[str, str]:
    """The same without what does not go together."""
    made = {} if chosen["provider"] == "container" else {"upgrade-from": "", "kubeadm": "", "kubelets": ""}
    skewed = {"kubeadm": "", "kubelets": ""} if chosen["upgrade-from"] else {}
    if chosen["provider"] == "vagrant" and BY_NAME[chosen["load-balancer"]].virtual:
        made["load-balancer"] = "nginx"
    return chosen | made | skewed | ({"certificates": "manual"} if chosen["authority"] == "elsewhere" else {})


CHOICES = st.fixed_dictionaries(TRIED).map(_possible)


@given(CHOICES, st.sampled_from(sorted(TOPOLOGIES)), st.booleans())
@settings(deadline=None)
def test_every_choice_comes_back_from_its_id(given: dict[str, str], topology: str, mutable: bool) -> None:
    try:
        chosen = Settings.of(dict(given))
        cluster = chosen.cluster_id(topology, "1.36", chosen.certificates, mutable=mutable)
    except BadInput:
        assume(False)
    read = ClusterId.parse(str(cluster))
    assert read == cluster
    assert str(read.parts) == read.variant
    assert (read.keys, read.authority, read.mutable) == (chosen.keys, chosen.authority, mutable)
    assert read.family is chosen.family
    assert read.load_balancer == chosen.load_balancer
    assert read.counts[Role.CONTROL_PLANE] == int(chosen.control_planes)
    assert read.counts[Role.WORKER] == int(chosen.workers)
    assert (read.origin, read.kubeadm) == (
        {"previous": "1.35"}.get(chosen.upgrade_from, chosen.upgrade_from),
        {"next": "1.37"}.get(chosen.kubeadm, chosen.kubeadm),
    )
    assert read.kubelets == {"": (), "-1": ("1.35",), "1.35.2,-2": ("1.35.2", "1.34")}[chosen.kubelets]
    assert read.moments[-1] == read.made == cluster
    assert [(each.before, each.upgraded) for each in read.moments] == (
        [(True, False), (False, True)] if chosen.upgrade_from and not mutable else [(False, bool(chosen.upgrade_from))]
    )
    assert [each.made for each in read.moments] == [cluster] * len(read.moments)


VARIANTS = st.builds(
    Variant,
    origin=st.one_of(st.just(""), st.from_regex(PATTERN, fullmatch=True)),
    kubeadm=st.one_of(st.just(""), st.from_regex(PATTERN, fullmatch=True)),
    kubelets=st.lists(st.from_regex(PATTERN, fullmatch=True), max_size=3).map(tuple),
    control_planes=st.one_of(st.none(), st.integers(0, 99)),
    workers=st.one_of(st.none(), st.integers(0, 99)),
    keys=st.sampled_from(KEYS),
    authority=st.sampled_from(["cluster", "elsewhere"]),
    joins=st.sampled_from(["", "parallel"]),
    network=st.sampled_from(["", *plugin.PUBLISHED]),
    configuration=st.one_of(st.just(""), st.from_regex("[0-9a-f]{6}", fullmatch=True)),
    free=st.one_of(WORDS.filter(lambda word: word not in RESERVED), st.sampled_from(["vagrant", "vagrant-debian-12"])),
    family=st.sampled_from(Family),
    mutable=st.booleans(),
)


@given(VARIANTS, st.booleans())
def test_parsing_is_the_inverse_of_writing(variant: Variant, before: bool) -> None:
    variant = replace(variant, before=before and bool(variant.origin))
    assert Variant.parse(str(variant)) == variant


@given(st.from_regex("[A-Za-z0-9 ._-]{1,20}", fullmatch=True))
def test_an_inventorys_name_chooses_nothing_whatever_it_is(name: str) -> None:
    assume(slug(name))
    text = f"inventory-{slug(name)}"
    assert Variant.parse(text) == Variant(free=text)


@pytest.mark.parametrize(
    "name",
    [
        "prod-mutable",
        "prod-faults",
        "rack-ecdsa-p256",
        "lab-ca-elsewhere",
        "5cp",
        "lab-5cp-0w",
        "x-from-1.35-before",
        "mutable",
    ],
)
@pytest.mark.parametrize("word", ["", "mine"])
def test_an_inventory_file_chooses_nothing_by_its_name(tmp_path: Path, name: str, word: str) -> None:
    (tmp_path / f"{name}.toml").write_text(GOOD)
    chosen = Settings.of({"inventory": str(tmp_path / f"{name}.toml"), "mode": "build", "variant": word})
    usual, found = ClusterId("stacked", "uploaded", "1.37"), chosen.cluster_id("stacked", "1.37")
    assert "inventory-" in str(found)
    assert {each: getattr(found, each) for each in FEATURES} == {each: getattr(usual, each) for each in FEATURES}


@pytest.mark.parametrize("word", sorted(RESERVED))
def test_a_reserved_word_is_refused_as_variant_by_its_name(word: str) -> None:
    with pytest.raises(BadInput, match=f"'{word}' is a reserved word") as caught:
        Settings.of({"variant": word})
    assert caught.value.fix.startswith("--ha-variant mine")


def test_every_word_that_an_option_puts_into_ids_is_reserved() -> None:
    words = {*PROVIDERS, *HYPERVISORS, *NETWORKS, *TOPOLOGIES, *CERTIFICATES} - {"container", ROUTES}
    assert words <= RESERVED


@pytest.mark.parametrize("box", ["mutable", "me/mutable", "me/Mutable-", "me/faults"])
def test_a_box_is_refused_whose_name_would_let_scenarios_change_the_cluster(box: str) -> None:
    with pytest.raises(BadInput, match="ends in mutable"):
        Settings.of({"provider": "vagrant", "box": box})


@pytest.mark.parametrize("box", ["mutable/debian", "bento/debian-12", "me/immutable"])
def test_a_box_of_another_name_is_taken(box: str) -> None:
    assert not Settings.of({"provider": "vagrant", "box": box}).cluster_id("stacked", "1.37").mutable


def test_a_word_that_is_not_reserved_is_taken() -> None:
    assert (
        str(Settings.of({"variant": "beforehand"}).cluster_id("stacked", "1.37")) == "stacked-uploaded-1.37-beforehand"
    )


@pytest.mark.parametrize("variant", ["1w-2cp", "page-2cp", "5cp-page-mine", "mutable-page", "from-1.x"])
def test_what_no_choices_make_is_refused(variant: str) -> None:
    """Or a choice that stands in the wrong place would choose nothing, without a message."""
    with pytest.raises(BadInput) as caught:
        ClusterId.parse(f"stacked-uploaded-1.37-{variant}")
    assert variant in str(caught.value)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", Variant()),
        ("joins-parallel-flannel-page", Variant(joins="parallel", network="flannel", free="page")),
        ("from-1.36-before", Variant(origin="1.36", before=True)),
        ("from-1.36-5cp-mutable", Variant(origin="1.36", control_planes=5, mutable=True)),
        ("kubelets-1.36-1.35-1.34-2cp", Variant(kubelets=("1.36", "1.35", "1.34"), control_planes=2)),
        ("before", Variant(free="before")),
        (
            "vagrant-virtualbox-bento-debian-12-mutable",
            Variant(free="vagrant-virtualbox-bento-debian-12", mutable=True),
        ),
        ("1w-cfg-0b53f4-mine", Variant(workers=1, configuration="0b53f4", free="mine")),
        ("flannel-cfg-123456-mutable", Variant(network="flannel", configuration="123456", mutable=True)),
        ("5cp-faults", Variant(control_planes=5, faults=True)),
        ("from-1.36-vagrant-mine-faults", Variant(origin="1.36", free="vagrant-mine", faults=True)),
        ("vagrant-mutable", Variant(free="vagrant", mutable=True)),
        ("0w-vagrant-mine-mutable", Variant(workers=0, free="vagrant-mine", mutable=True)),
        ("inventory-lab-page", Variant(free="inventory-lab-page")),
        ("inventory", Variant(free="inventory")),
        ("flannel-dual-mine", Variant(network="flannel", family=Family.DUAL, free="mine")),
        ("ipv6-mutable", Variant(family=Family.IPV6, mutable=True)),
        ("flannel-balancer-nginx-mine", Variant(network="flannel", balancer="nginx", free="mine")),
        ("own", Variant(own=True)),
        ("flannel-own-mine-faults", Variant(network="flannel", own=True, free="mine", faults=True)),
        ("balancer-haproxy-tcp-mutable", Variant(balancer="haproxy-tcp", mutable=True)),
    ],
)
def test_ids_that_exist_keep_their_meaning(text: str, expected: Variant) -> None:
    assert Variant.parse(text) == expected


def test_every_option_is_tried_or_known_to_be_no_part_of_ids() -> None:
    assert {option.name for option in OPTIONS} == TRIED.keys() | NOT_IN_THE_VARIANT
