"""Who removes the add-ons' ConfigMaps, to bring add-ons of their own, is not hindered by kubeadm.

Source: kubeadm's own CI, kinder's workflow upgrade-no-addon-config-maps; `disabled` of `dns` and `proxy` in
https://kubernetes.io/docs/reference/config-api/kubeadm-config.v1beta4/#kubeadm-k8s-io-v1beta4-ClusterConfiguration
"""

from __future__ import annotations

import pytest

from fixtures.addons import ADDONS, Bereft

pytestmark = pytest.mark.lengthy


def test_worker_joins_without_them(bereft: Bereft) -> None:
    assert (bereft.joined, bereft.after_join) == (True, frozenset())


def test_upgrade_leaves_disabled_addons_alone(bereft: Bereft) -> None:
    assert bereft.after_upgrade_without == frozenset()


def test_upgrade_brings_back_what_is_not_disabled(bereft: Bereft) -> None:
    assert bereft.after_upgrade_with == set(ADDONS)
