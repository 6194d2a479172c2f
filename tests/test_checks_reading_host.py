"""A machine as a host, of what its tools print: Debian's, others', and none."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from checks.collecting import reading_host as reading
from checks.facts.fact import Unknown
from tests.simulated import answered

_DF = "Filesystem     1024-blocks     Used Available Capacity Mounted on\n"


def test_who_a_machine_is() -> None:
    given = answered(
        host="cp1\n", machine_id="abc\n", container=("none\n", 1), uuid="4C4C\n", kernel="6.1.0\n",
        system='NAME="x"\nPRETTY_NAME="Debian 12"\n',
    )  # fmt: skip
    found = reading.identity(given)
    assert (found.host_name, found.machine_id, found.product_uuid) == ("cp1", "abc", "4C4C")
    assert (found.container, found.operating_system, found.kernel) == ("", "Debian 12", "6.1.0")


def test_a_container_has_the_uuid_of_its_host_which_is_not_its_own() -> None:
    given = answered(host="cp1\n", container="podman\n", uuid="4C4C\n", machine_id="abc\n")
    assert (reading.identity(given).container, reading.identity(given).product_uuid) == ("podman", "")


def test_where_it_cannot_be_seen_whether_it_is_a_container_its_uuid_says_nothing() -> None:
    with pytest.raises(Unknown, match="whether it is a container is not known"):
        reading.identity(answered(host="cp1\n", container=("sh: systemd-detect-virt: not found\n", 127), uuid="4C\n"))


def test_a_clock_is_compared_with_the_middle_of_question_and_answer() -> None:
    found = reading.clock("1770000010.500000000\n", 1770000000.0, 1770000001.0, "inactive\ninactive\n")
    assert (found.ahead, found.uncertainty, found.synchronised) == (10.0, 0.5, False)
    assert reading.clock("1770000000", 0, 0, "").synchronised is None


@pytest.mark.parametrize("text", ["", "1770000000.%N\n", "never", "nan", "inf", "9" * 40])
def test_a_clock_that_does_not_say_seconds_is_unknown(text: str) -> None:
    with pytest.raises(Unknown):
        reading.clock(text, 0, 0, "")


def test_interfaces_of_pods_and_of_services_are_not_the_machines() -> None:
    links = [{"ifname": name, "mtu": 1500, "flags": ["UP"], "addr_info": [{"local": "10.0.0.1"}, {}]}
             for name in ("eth0", "veth1", "cali2", "lxc_health", "kube-ipvs0", "cni0")]  # fmt: skip
    found = reading.interfaces(answered(interfaces=json.dumps(links)))
    assert [(each.name, each.addresses) for each in found] == [("eth0", ("10.0.0.1",)), ("cni0", ("10.0.0.1",))]


@pytest.mark.parametrize(
    "text", ["", '{"a": 1}', "[{]", '[{"ifname": "a", "mtu": "x"}]', '[{"ifname": "a", "addr_info": 1}]']
)
def test_interfaces_that_are_not_understood_are_unknown(text: str) -> None:
    with pytest.raises(Unknown):
        reading.interfaces(answered(interfaces=text))


def test_addresses_are_also_those_of_an_older_tool() -> None:
    given = answered(interfaces=("ip: unrecognized option: j\n", 1), addresses="10.0.0.1 fd00::1 \n")
    assert reading.addresses(given) == ("10.0.0.1", "fd00::1")


def test_units_are_those_that_are_there() -> None:
    found = reading.units(answered(units=(
        "Id=kubelet.service\nLoadState=loaded\nActiveState=active\nUnitFileState=disabled\n"
        "WantedBy=multi-user.target\nRequiredBy=\n\n"
        "UnitFileState=\nId=crio.service\nLoadState=not-found\nActiveState=inactive\n\n"
        "Id=etcd.service\nLoadState=masked\nActiveState=inactive\nUnitFileState=masked\n"
    )))  # fmt: skip
    assert set(found) == {"kubelet", "etcd"}
    assert found["kubelet"].wanted_by == ("multi-user.target",)
    assert found["etcd"].enabled == "masked"


def test_units_of_a_systemd_that_hangs_are_unknown() -> None:
    with pytest.raises(Unknown, match="exit status 124"):
        reading.units(answered(units=("", 124)))


def test_swap_that_is_on_and_that_comes_back() -> None:
    line = "/swap.img none swap sw 0 0\n"
    found = reading.swap(answered(swap="/swap.img file 2G 0B -2\n/dev/zram0 partition 1G 0B 100\n", fstab=line))
    assert (found.active, found.at_start) == (("/swap.img", "/dev/zram0"), (line.strip(),))
    assert reading.swap(answered(swap="", fstab=("", 1))).active == ()


def test_units_of_swap_that_are_masked() -> None:
    printed = "dev-sda2.swap 9 /dev/null\nswap.img.swap 0 \ndev-sdb.swap 120 \ndev-sdc.swap 31 /usr/lib/x.swap\n"
    found = reading.swap(answered(swap="", fstab=("", 1), **{"swap-units": printed}))
    assert found.masked == ("dev-sda2.swap", "swap.img.swap")


def test_files_that_renew_certificates_run_by_cron_or_by_a_timer_that_is_on() -> None:
    system = "/etc/systemd/system"
    printed = (
        "grep: /etc/cron.d: No such file or directory\n/etc/cron.daily/renew\n/etc/cron.d/renew.bak\n"
        f"/var/spool/cron/crontabs/root\n{system}/k8s-certs-renew.service\n{system}/off.service\n"
        f"{system}/renew.service.d/10-what.conf\n"
        f"{system}/timers.target.wants/k8s-certs-renew.timer\n{system}/timers.target.wants/renew.timer\n"
    )
    assert reading.renewals(answered(renewals=(printed, 1))) == (
        "/etc/cron.daily/renew", "/var/spool/cron/crontabs/root", f"{system}/k8s-certs-renew.service",
        f"{system}/renew.service.d/10-what.conf",
    )  # fmt: skip
    assert reading.renewals(answered(renewals=("", 1))) == ()
    with pytest.raises(Unknown, match="Permission denied"):
        reading.renewals(answered(renewals=("grep: /var/spool/cron: Permission denied\n", 2)))


def test_swap_without_the_tool_that_shows_it_is_unknown() -> None:
    with pytest.raises(Unknown, match="not found"):
        reading.swap(answered(swap=("sh: 1: swapon: not found\n", 127)))


def test_a_disk_is_read_once_a_mount_and_a_folder_that_is_missing_is_left_out() -> None:
    given = answered(
        bytes=(f"{_DF}df: /var/lib/etcd: No such file or directory\n/dev/sda1 1000 400 600 40% /\n"
               "/dev/sda1 1000 400 600 40% /\nmy share:/a b 2000 2100 -100 105% /var/lib/my kubelet\n", 1),
        inodes=("Filesystem Inodes IUsed IFree IUse% Mounted on\n/dev/sda1 100 40 60 40% /\n"
                "my share:/a b 0 0 0 - /var/lib/my kubelet\n", 1),
    )  # fmt: skip
    first, second = reading.disks(given)
    assert (first.mount, first.size, first.free) == ("/", 1024000, 614400)
    assert (first.inodes, first.inodes_free) == (100, 60)
    assert (second.mount, second.free, second.inodes) == ("/var/lib/my kubelet", 0, None)


def test_a_disk_elsewhere_is_read_too() -> None:
    disk = "/dev/sda1 1000 400 600 40% "
    given = answered(
        bytes=f"{_DF}{disk}/\n", inodes="", bytes__elsewhere=f"{_DF}{disk}/data\n", inodes__elsewhere=("", 1)
    )
    assert [each.mount for each in reading.disks(given)] == ["/", "/data"]


@pytest.mark.parametrize("output", [("", 124), ("df: /var/lib/kubelet: Transport endpoint is not connected\n", 1)])
def test_disks_that_df_does_not_show_are_unknown(output: tuple[str, int]) -> None:
    with pytest.raises(Unknown, match="df printed"):
        reading.disks(answered(bytes=output, inodes=output))


def test_sysctls_by_name() -> None:
    output = "net.ipv4.ip_forward = 1\nsysctl: cannot stat /proc/sys/net/ipv4/ip_nonlocal_bind: No such file\n"
    assert reading.sysctls(answered(sysctls=(output, 255))) == {"net.ipv4.ip_forward": "1"}
    with pytest.raises(Unknown, match="sysctl printed"):
        reading.sysctls(answered(sysctls=("sh: sysctl: not found\n", 127)))


def test_files_with_their_modes() -> None:
    found = reading.files(answered(files=(
        "755 root 1770000000.1234567890 d /etc/kubernetes -> \n600 0 1770000000.0 f /etc/kubernetes/a -> b.conf -> \n"
        "777 root 1770000000 l /var/lib/kubelet/pki/kubelet-client-current.pem -> /x/y.pem\nnoise\n"
    )))  # fmt: skip
    assert [(each.path, each.mode, each.folder) for each in found[:2]] == [
        ("/etc/kubernetes", "0755", True), ("/etc/kubernetes/a -> b.conf", "0600", False),
    ]  # fmt: skip
    assert (found[2].link, found[2].modified) == ("/x/y.pem", datetime.fromtimestamp(1770000000, UTC))


def test_digests_by_path() -> None:
    digest = "0" * 64
    output = f"{digest}  /etc/kubernetes/a b\n\\{digest}  /etc/odd\nsha256sum: /x: No such file\n"
    assert reading.digests(answered(digests=output)) == {"/etc/kubernetes/a b": digest}
    with pytest.raises(Unknown):
        reading.digests(answered(digests="find: 'sha256sum': No such file or directory\n"))


def test_processes_of_kubernetes_and_of_balancers() -> None:
    given = answered(now="1770000000\n", processes=(
        "    PID ELAPSED COMMAND\n      1   5000 /sbin/init\n    100    10 kube-apiserver --secure-port=6443 --x\n"
        "   101     20 nginx: master process /usr/sbin/nginx -g daemon off;\n   102  3 [etcd] <defunct>\n"
        "   103  3 grep etcd\n   104  3  \n   105 1 kube-vip manager --password hunter2 --token=abc\n"
    ))  # fmt: skip
    found = reading.processes(given)
    assert [(each.name, each.pid) for each in found] == [("kube-apiserver", 100), ("nginx", 101), ("kube-vip", 105)]
    assert found[0].started == datetime.fromtimestamp(1770000000, UTC) - timedelta(seconds=10)
    assert found[0].flags == {"secure-port": "6443", "x": "true"}
    assert "hunter2" not in str(found)
    assert "abc" not in str(found)


@pytest.mark.parametrize("output", [("ps: bad -o argument 'etimes'\n", 1), ("", 127)])
def test_processes_that_another_ps_does_not_list_are_unknown(output: tuple[str, int]) -> None:
    with pytest.raises(Unknown):
        reading.processes(answered(now="1770000000\n", processes=output))


def test_a_name_is_resolved_to_each_address_once() -> None:
    output = "10.0.0.1 STREAM lb\n10.0.0.1 DGRAM\n10.0.0.1 RAW\nfd00::1 STREAM\n\n"
    assert reading.resolved(answered(resolved=output)) == ("10.0.0.1", "fd00::1")
    with pytest.raises(Unknown):
        reading.resolved(answered(resolved=("", 2)))
