"""Who removes the add-ons' ConfigMaps, to bring add-ons of their own, is not hindered by kubeadm.

Source: kubeadm's own CI, kinder's workflow upgrade-no-addon-config-maps; `disabled` of `dns` and `proxy` in
https://kubernetes.io/docs/reference/config-api/kubeadm-config.v1beta4/#kubeadm-k8s-io-v1beta4-ClusterConfiguration
"""

from __future__ import annotations

import pytest

from fixtures.subjects.addons import ADDONS, Bereft

pytestmark = pytest.mark.lengthy


def test_worker_joins_without_addon_config_maps(bereft: Bereft) -> None:
    assert (bereft.joined, bereft.after_join) == (True, frozenset())


def test_upgrade_does_not_restore_disabled_addons(bereft: Bereft) -> None:
    assert bereft.after_upgrade_without == frozenset()


def test_upgrade_restores_addons_that_are_not_disabled(bereft: Bereft) -> None:
    assert bereft.after_upgrade_with == set(ADDONS)
