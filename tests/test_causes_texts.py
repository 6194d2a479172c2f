"""What a failure says without noise: what is the same in every run, and what is not."""

from __future__ import annotations

import pytest

from nightly.gists.gist import Gist, gist, step
from nightly.gists.noise import without_noise
from nightly.gists.sorting import Failure, Known, merged, sort


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("on cp1 at 2026-11-24T22:51:16.123Z", "on w3 at 2026-11-25T01:00:00Z"),
        ("198.18.0.11:6443 asks [fd00::1]:6443", "[fd00:1::5]:6443 asks 10.1.2.3:6443"),
        ("read 198.18.0.1:52544->198.18.0.2:2379", "read 198.18.0.1:57434->198.18.0.2:2379"),
        ("member 8e9e05c52164694d of stacked-uploaded-1.37", "member 91bc3c398fb3c146 of external-manual-1.36-mutable"),
        ("coredns-5dd5756b68-x7k2p", "coredns-668d6bf9bc-2fdzl"),
        ("v1.37.2 after 3m12s", "1.38.0-alpha.0.123+abcdef0-dirty after 12.5 s"),
        ("a.go:12 <function f at 0x7fbbcd794900>", "a.go:99 <function f at 0x7fbbcd794b80>"),
        ("frozenset({'b', 'a'})", "frozenset({'a', 'b'})"),
        ("abcdef.‹secret› /tmp/tmpab_12345", "012345.‹secret› /tmp/tmpzz_99999"),
        ("kube-scheduler-cp1", "kube-scheduler-cp3"),
    ],
)
def test_noise_is_the_same(one: str, other: str) -> None:
    assert without_noise(one) == without_noise(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("198.18.0.1 to 198.18.0.2", "198.18.0.1 to 198.18.0.1"), ("v1.37.2 is v1.37.2", "v1.36.1 is v1.37.2"),
        ("cp1 and cp1", "cp1 and cp2"), ("127.0.0.1", "0.0.0.0"), ("10.96.0.1", "10.96.0.10"), (":6443", ":2379"),
        ("198.18.0.1:6443", "198.18.0.1:2379"), ("v1beta3", "v1beta4"), ("ca.crt", "ca.key"), ("is 600", "is 644"),
        ("etcd-https", "etcd-serve"), ("x509", "x501"),
    ],
)  # fmt: skip
def test_what_is_not_noise_differs(one: str, other: str) -> None:
    assert without_noise(one) != without_noise(other)


def test_names_of_a_users_own_machines_are_noise() -> None:
    assert without_noise("alpha waits for beta and alpha", ["alpha", "beta"]) == (
        "‹machine 1› waits for ‹machine 2› and ‹machine 1›"
    )


def test_the_first_test_of_a_broken_step_says_what_the_step_says() -> None:
    error = "on cp2: `kubeadm join` exited with 1\n  error: no luck"
    text = f"stacked-uploaded-1.37: step 'join the others' failed\n{error}"
    assert gist(text, "", "a.py::test_b").same_as(step("join the others", error.replace("cp2", "cp3")))


def test_a_condition_without_a_message_means_something_in_its_own_test_alone() -> None:
    text = "E   assert False\nE    +  where False = ready()"
    one, other = (gist(text, "assert False", name) for name in ("a.py::test_a", "a.py::test_b"))
    assert (one.same_as(other), one.same_as(gist(text, "assert False", "a.py::test_a"))) == (False, True)


def test_what_pytest_explains_does_not_count_where_the_assertion_says_something() -> None:
    message = "E   AssertionError: etcd has no leader\n"
    one, other = (gist(f"{message}E   assert {each * 200} == 1", "", "t") for each in ("x", "y"))
    assert (one.same_as(other), one.text) == (True, "etcd has no leader")


def test_output_that_is_cut_off_elsewhere_says_the_same() -> None:
    lines = [f"[certs] Generating the certificate number {n}" for n in range(30)] + ["error: no luck"]
    one, other = ("\nE     ".join(f"E   AssertionError: {text}".split("\n")) for text in
                  ("\n".join(lines)[9:], "\n".join(lines)[30:]))  # fmt: skip
    assert gist(one, "", "a").same_as(gist(other, "", "b"))
    assert not gist(one, "", "a").same_as(gist(one.replace("no luck", "no disk"), "", "a"))


def test_output_in_which_no_line_says_error_means_something_in_its_own_test_alone() -> None:
    text = "E   AssertionError: egan\nE     one\nE     two\nE     three\nE   assert 1 == 0"
    assert not gist(text, "", "a.py::test_a").same_as(gist(text, "", "a.py::test_b"))


@pytest.mark.parametrize(("edits", "same"), [(9, True), (10, False)])
def test_less_than_a_tenth_may_differ(edits: int, same: bool) -> None:
    text = "7" * 100
    assert Gist(text).same_as(Gist("8" * edits + text[edits:])) == same


def test_a_text_without_end_is_cut_in_its_middle() -> None:
    found = gist("x y " * 50_000, "", "t").text
    assert (len(found) < 20_000, "\n…\n" in found) == (True, True)


# Ids


def failure(text: str, since: float, scenario: str = "a.py::test_a") -> Failure:
    return Failure(scenario, since, Gist(text))


LONG = "etcd has no leader " * 20


def test_a_cause_keeps_the_id_of_its_first_night_while_it_grows() -> None:
    first, known = sort([], [failure(LONG, 1.0)])
    later, new = sort(known, [failure(LONG + "1", 2.0), failure(LONG + "22", 3.0, "b.py::test_b")])
    assert (set(later.values()), new) == (set(first.values()), [])


def test_a_cause_is_compared_with_its_first_night_alone() -> None:
    """Texts that change a little every night would join anything in the end."""
    texts = [failure(LONG + "1" * 30 * n, float(n)) for n in range(5)]
    ids, _ = sort([], texts)
    assert len(set(ids.values())) == 3


def test_two_causes_that_say_the_same_are_the_older_one() -> None:
    older, newer, other = Known("b", 1.0, Gist(LONG)), Known("a", 2.0, Gist(LONG + "1")), Known("c", 0.0, Gist("x"))
    assert merged([newer, older, other]) == ([other, older], {"a": "b", "b": "b", "c": "c"})


def test_ids_do_not_depend_on_what_else_fails() -> None:
    alone, _ = sort([], [failure(LONG, 1.0)])
    among, _ = sort([], [failure("something else", 0.0), failure(LONG, 1.0), failure("and more of it", 2.0)])
    assert among[Gist(LONG)] == alone[Gist(LONG)]
