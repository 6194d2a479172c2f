"""Clusters that are unlike the usual one: what their ids say, and what is done otherwise for them."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import yaml
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from fixtures.subjects.certificates import (
    alternative_names,
    issued_by,
    key_algorithm,
    lifetime,
    name,
    of_a_control_plane,
)
from provision.config import families
from provision.config.cluster_id import ClusterId
from provision.config.settings import Settings
from provision.config.topology import Role
from provision.config.versions import Version
from provision.kubeadm import certificates, commands, configuration
from provision.kubeadm.authority import NAMES, Authority, issuer_of, subject
from provision.procedure import procedure_of
from provision.procedure.step import all_steps
from provision.util.errors import BadInput
from tests.stand_ins import commands as ran
from tests.stand_ins import fake_cluster

SMALL = {"control-planes": "2", "workers": "1"}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"keys": "ecdsa-p384"}, "stacked-uploaded-1.36-ecdsa-p384"),
        ({"authority": "elsewhere", "certificates": "manual"}, "stacked-uploaded-1.36-ca-elsewhere"),
        ({"kubeadm": "next"}, "stacked-uploaded-1.36-kubeadm-1.37"),
        ({"kubelets": "-1,-2,-3"}, "stacked-uploaded-1.36-kubelets-1.35-1.34-1.33"),
        ({"kubelets": "1.35.4", **SMALL}, "stacked-uploaded-1.36-kubelets-1.35.4-2cp-1w"),
        (
            {"kubeadm": "1.37.2", "kubelets": "-1", "keys": "ecdsa-p256", **SMALL},
            "stacked-uploaded-1.36-kubeadm-1.37.2-kubelets-1.35-2cp-1w-ecdsa-p256",
        ),
    ],
)
def test_every_choice_is_part_of_the_id_and_comes_back(given: dict[str, str | None], expected: str) -> None:
    cluster = Settings.of(given).cluster_id("stacked", "1.36")
    assert str(cluster) == expected
    assert ClusterId.parse(expected) == cluster
    assert cluster.keys == (given.get("keys") or "rsa-2048")
    assert cluster.authority == (given.get("authority") or "cluster")
    assert (cluster.kubeadm != "", cluster.kubelets != ()) == ("kubeadm" in given, "kubelets" in given)
    assert cluster.counts[Role.WORKER] == int(given.get("workers") or 3)


@pytest.mark.parametrize(
    "given",
    [
        {"kubeadm": "1.35"},
        {"kubeadm": "1.36"},
        {"kubeadm": "1.38"},
        {"kubelets": "1.37"},
        {"kubelets": "1.36,1.32"},
        {"kubelets": "-1,-1.5"},
        {"kubelets": "1.35,1.34", "workers": "1"},
    ],
)
def test_versions_that_the_skew_policy_does_not_allow_are_refused(given: dict[str, str | None]) -> None:
    with pytest.raises(BadInput):
        Settings.of(given).cluster_id("stacked", "1.36")


@pytest.mark.parametrize(
    "given",
    [
        {"authority": "elsewhere"},
        {"authority": "elsewhere", "certificates": "uploaded,manual"},
        {"kubelets": "-1", "provider": "vagrant"},
        {"kubeadm": "next", "upgrade-from": "previous"},
        {"families": "yes", "upgrade-from": "previous"},
    ],
)
def test_variants_that_do_not_go_together_are_refused(given: dict[str, str | None]) -> None:
    with pytest.raises(BadInput):
        Settings.of(given)


def test_families_of_a_version() -> None:
    settings = Settings.of({"families": "yes"})
    assert [str(each) for each in families.cluster_ids(settings, "stacked", "1.37")] == [
        "stacked-uploaded-1.37-2cp-1w-ecdsa-p256",
        "stacked-manual-1.37-2cp-1w-ca-elsewhere",
        "stacked-uploaded-1.36-kubeadm-1.37-2cp-1w",
        "stacked-uploaded-1.37-kubelets-1.36-1.35-1.34-2cp",
    ]
    assert [str(each) for each in families.mutable_ids(settings, "external", "1.37.2")] == [
        "external-uploaded-1.37.2-2cp-1w-mutable"
    ]


def test_families_of_the_oldest_version_have_no_older_one() -> None:
    found = families.cluster_ids(Settings.of({"families": "yes"}), "external", "1.33")
    assert [str(each) for each in found] == ["external-uploaded-1.33-2cp-1w-ecdsa-p256"]


def test_what_a_cluster_has_beside_its_first_release() -> None:
    def beside(text: str) -> tuple[str, ...]:
        return ClusterId.parse(text).beside

    assert beside("stacked-uploaded-1.37") == ()
    assert beside("stacked-uploaded-1.37-from-1.36") == ("1.37",)
    assert beside("stacked-uploaded-1.36-kubeadm-1.37-kubelets-1.35-1.34") == ("1.37", "1.35", "1.34")


def test_versions_of_a_skewed_cluster() -> None:
    cluster = fake_cluster(name="stacked-uploaded-1.36-kubeadm-1.37-kubelets-1.35")
    beside = {each: {"version": f"v{each}.4", "folder": each} for each in cluster.id.beside}
    cluster.state = cluster.state.but(version="v1.36.3", beside=beside)
    first, second, _ = cluster.workers
    assert (cluster.kubeadm_version, cluster.facts.version) == (Version(37, 4), Version(37, 4))
    assert [cluster.kubelet_version(each) for each in (cluster.control_planes[0], first, second)] == [
        Version(36, 3), Version(35, 4), Version(36, 3),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("cluster", "more"),
    [
        ("stacked-uploaded-1.36-kubeadm-1.37", ["give the nodes a newer kubeadm"]),
        ("external-uploaded-1.37-kubelets-1.36-1.35", ["give workers older kubelets"]),
        (
            "stacked-manual-1.37-ca-elsewhere",
            [
                "make authorities of certificates elsewhere",
                "make the key of service accounts",
                "ask for the control planes' certificates",
                "sign the control planes' certificates",
                "sign what kubelets ask for",
            ],
        ),
        ("stacked-uploaded-1.37-ecdsa-p256", []),
    ],
)
def test_steps_that_a_variant_has_more(cluster: str, more: list[str]) -> None:
    wanted = ClusterId.parse(cluster)
    usual = ClusterId(wanted.topology, wanted.certificates, wanted.version)
    assert [name for name in _names(wanted) if name not in _names(usual)] == more


def _names(cluster: ClusterId) -> list[str]:
    return [step.name for step in all_steps(procedure_of(cluster, "serial"))]


def test_the_key_algorithm_is_set_in_a_configuration_file() -> None:
    cluster = fake_cluster(name="stacked-uploaded-1.37-ecdsa-p384")
    assert "--config" in commands.init_command(cluster)
    assert yaml.safe_load(configuration.render(cluster))["encryptionAlgorithm"] == "ECDSA-P384"


def test_no_authoritys_key_is_carried_where_it_is_elsewhere() -> None:
    cluster = fake_cluster(
        {re.compile("^sudo -E -s .*\n    scp ", re.DOTALL): ""}, name="stacked-manual-1.37-ca-elsewhere"
    )
    certificates.copy(cluster)
    (copied,) = ran(cluster, "cp1")
    assert ("sa.key" in copied, "ca.key" in copied) == (True, False)


def test_files_of_a_control_plane_without_authorities_keys() -> None:
    usual, other = (
        of_a_control_plane(ClusterId.parse(each))
        for each in ("stacked-manual-1.37", "stacked-manual-1.37-ca-elsewhere")
    )
    assert usual - other == {"ca.key", "etcd/ca.key", "front-proxy-ca.key"}
    assert other < usual


@pytest.mark.parametrize("keys", ["rsa-2048", "ecdsa-p256", "ecdsa-p384"])
def test_an_authority_signs_a_request(keys: str) -> None:
    authority = Authority.make(NAMES["ca"], keys)
    root = x509.load_pem_x509_certificate(authority.certificate.encode())
    made = x509.load_pem_x509_certificate(authority.sign(_request(), "apiserver").encode())
    assert (name(root), issued_by(root, root), key_algorithm(root)) == ("CN=kubernetes", True, keys)
    assert (name(made), issued_by(made, root), alternative_names(made)) == ("CN=cp1,O=system:nodes", True, {"cp1"})
    assert timedelta(days=365) <= lifetime(made) <= timedelta(days=365, minutes=10)
    assert "BEGIN" not in repr(authority)


SERVER, CLIENT = ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH


@pytest.mark.parametrize(
    ("what", "usages"),
    [("apiserver", {SERVER}), ("etcd/peer", {SERVER, CLIENT}), ("admin.conf", {CLIENT})],
)
def test_a_certificate_has_the_requested_usages(what: str, usages: set[x509.ObjectIdentifier]) -> None:
    made = x509.load_pem_x509_certificate(Authority.make("any", "ecdsa-p256").sign(_request(), what).encode())
    found = made.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert set(found) == usages


@pytest.mark.parametrize(
    ("what", "authority"),
    [
        ("apiserver", "ca"), ("admin.conf", "ca"), ("etcd/server", "etcd/ca"), ("apiserver-etcd-client", "etcd/ca"),
        ("front-proxy-client", "front-proxy-ca"),
    ],
)  # fmt: skip
def test_each_certificate_is_signed_by_its_authority(what: str, authority: str) -> None:
    assert issuer_of(what) == authority


def test_whom_a_request_is_for() -> None:
    assert subject(_request()) == "CN=cp1,O=system:nodes"


def _request() -> str:
    about = x509.Name(
        [x509.NameAttribute(NameOID.ORGANIZATION_NAME, "system:nodes"), x509.NameAttribute(NameOID.COMMON_NAME, "cp1")]
    )
    names = x509.SubjectAlternativeName([x509.DNSName("cp1")])
    builder = x509.CertificateSigningRequestBuilder(about).add_extension(names, critical=False)
    made = builder.sign(ec.generate_private_key(ec.SECP256R1()), hashes.SHA256())
    return made.public_bytes(Encoding.PEM).decode()


def test_keys_of_authorities_are_elsewhere_for_stacked_clusters_only() -> None:
    settings = Settings.of({"authority": "elsewhere", "certificates": "manual"})
    assert [str(each) for each in settings.cluster_ids("stacked", "1.37")] == ["stacked-manual-1.37-ca-elsewhere"]
    assert settings.cluster_ids("external", "1.37") == []
