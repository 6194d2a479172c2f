"""What a client knows after an answer, or without one: each rule where it says failed, unknown or ok."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as some

from resilience.histories.records import Held, Kind, Loss, Outcome
from resilience.traffic import objects
from resilience.traffic.objects import Answer, Wanted
from resilience.traffic.outcomes import WITHOUT_EFFECT, of_status, without_answer
from resilience.traffic.transport import Request, Response
from tests.misbehaving_api import config_map, status

CREATE = Wanted(Kind.CREATE, "a", "v")
UPDATE = Wanted(Kind.UPDATE, "a", "v", 7)
DELETE = Wanted(Kind.DELETE, "a", expected=7)
GET, LIST = Wanted(Kind.GET, "a"), Wanted(Kind.LIST)


def answered(wanted: Wanted, code: int, body: object) -> Answer:
    return objects.answer(wanted, Response(code, body if isinstance(body, bytes) else json.dumps(body).encode()))


@pytest.mark.parametrize("code", sorted(WITHOUT_EFFECT))
def test_each_refusal_that_comes_before_storage_is_surely_without_effect(code: int) -> None:
    assert of_status(code).outcome is Outcome.FAILED


@pytest.mark.parametrize("code", [100, 301, 307, 402, 408, 418, 425, 499, 500, 501, 502, 503, 504, 507, 599])
def test_any_other_status_leaves_open_what_was_done(code: int) -> None:
    assert of_status(code).outcome is Outcome.UNKNOWN
    assert of_status(code).loss


@given(some.integers(200, 299))
def test_every_success_is_ok_and_not_lost(code: int) -> None:
    assert (of_status(code).outcome, of_status(code).loss) == (Outcome.OK, Loss.NONE)


@pytest.mark.parametrize(
    ("code", "loss"),
    [
        (404, Loss.NONE), (409, Loss.NONE), (410, Loss.NONE), (422, Loss.NONE),
        (401, Loss.UNAUTHORIZED), (403, Loss.UNAUTHORIZED), (429, Loss.THROTTLED), (408, Loss.TIMEOUT),
        (400, Loss.OTHER), (500, Loss.SERVER), (503, Loss.SERVER), (504, Loss.SERVER),
    ],
)  # fmt: skip
def test_a_refusal_about_objects_is_an_answer_and_any_other_is_a_lost_request(code: int, loss: Loss) -> None:
    assert of_status(code).loss is loss


@pytest.mark.parametrize("loss", [each for each in Loss if each])
def test_what_was_never_sent_has_failed_and_what_was_sent_is_unknown(loss: Loss) -> None:
    assert without_answer(loss, sent=False).outcome is Outcome.FAILED
    assert without_answer(loss, sent=True).outcome is Outcome.UNKNOWN
    assert {without_answer(loss, sent=each).loss for each in (True, False)} == {loss}


def test_requests_carry_their_precondition_and_reads_name_no_revision() -> None:
    every = "/api/v1/namespaces/n/configmaps"
    made = {wanted.kind: objects.request("n", wanted) for wanted in (CREATE, UPDATE, DELETE, GET, LIST)}
    assert made[Kind.GET] == Request("GET", f"{every}/a")
    assert made[Kind.LIST] == Request("GET", every)
    assert (made[Kind.CREATE].method, made[Kind.CREATE].path) == ("POST", every)
    assert (made[Kind.CREATE].body or {})["metadata"] == {"name": "a"}
    assert (made[Kind.UPDATE].method, made[Kind.UPDATE].path) == ("PUT", f"{every}/a")
    assert (made[Kind.UPDATE].body or {})["metadata"] == {"name": "a", "resourceVersion": "7"}
    assert (made[Kind.UPDATE].body or {})["data"] == {"value": "v"}
    assert (made[Kind.DELETE].method, made[Kind.DELETE].path) == ("DELETE", f"{every}/a")
    assert (made[Kind.DELETE].body or {})["preconditions"] == {"resourceVersion": "7"}
    assert "preconditions" not in (objects.request("n", Wanted(Kind.DELETE, "a")).body or {})


def test_a_write_that_is_acknowledged_has_its_revision() -> None:
    assert answered(CREATE, 201, config_map("a", "v", 8)) == Answer(Outcome.OK, 8, status=201)
    assert answered(UPDATE, 200, config_map("a", "v", 9)) == Answer(Outcome.OK, 9, status=200)


def test_a_deletion_that_is_acknowledged_has_no_revision() -> None:
    assert answered(DELETE, 200, {"kind": "Status", "status": "Success"}) == Answer(Outcome.OK, status=200)


def test_reads_show_values_and_revisions() -> None:
    shown = answered(LIST, 200, {"metadata": {"resourceVersion": "12"}, "items": [config_map("a", "v", 8), _ca()]})
    assert (shown.revision, shown.objects) == (12, {"a": Held("v", 8)})
    assert answered(GET, 200, config_map("a", "v", 8)).objects == {"a": Held("v", 8)}


def _ca() -> dict[str, object]:
    """What a controller puts into every namespace."""
    return {"metadata": {"name": "kube-root-ca.crt", "resourceVersion": "3"}, "data": {"ca.crt": "PEM"}}


def test_a_get_of_what_is_not_there_is_a_read_that_shows_nothing() -> None:
    assert answered(GET, 404, status(404, "NotFound", "a")) == Answer(Outcome.OK, status=404)


@pytest.mark.parametrize("body", [b"404 page not found\n", b"{}", b"", status(404, "NotFound", "b")])
def test_a_get_that_was_not_about_the_object_shows_nothing_and_is_not_ok(body: object) -> None:
    assert answered(GET, 404, body).outcome is Outcome.FAILED


def test_a_path_that_a_server_does_not_know_is_a_lost_request() -> None:
    assert answered(UPDATE, 404, b"404 page not found\n").loss is Loss.OTHER
    assert answered(UPDATE, 404, status(404, "NotFound", "a")).loss is Loss.NONE


def test_a_write_of_what_is_not_there_has_failed() -> None:
    assert answered(UPDATE, 404, status(404, "NotFound", "a")).outcome is Outcome.FAILED
    assert answered(DELETE, 404, status(404, "NotFound", "a")).outcome is Outcome.FAILED


def test_a_conflict_has_failed_with_its_message_in_one_line() -> None:
    found = answered(UPDATE, 409, {**status(409, "Conflict"), "message": "the object\nhas been modified" + "!" * 500})
    assert (found.outcome, found.loss) == (Outcome.FAILED, Loss.NONE)
    assert found.error.startswith("the object has been modified!")
    assert len(found.error) <= 200


@pytest.mark.parametrize("wanted", [CREATE, UPDATE, DELETE, GET, LIST], ids=lambda wanted: str(wanted.kind))
@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"null", b"{}", b'{"metadata":{}}', b'{"items":[3]}', b"\xff"])
def test_a_success_that_is_not_what_was_requested_is_unknown(wanted: Wanted, body: bytes) -> None:
    found = answered(wanted, 200, body)
    assert (found.outcome, found.loss) == (Outcome.UNKNOWN, Loss.OTHER)


def test_an_acknowledgement_of_another_value_is_unknown() -> None:
    assert answered(UPDATE, 200, config_map("a", "other", 8)).outcome is Outcome.UNKNOWN


def test_a_deletion_that_is_held_back_is_unknown() -> None:
    assert answered(DELETE, 200, config_map("a", "v", 8)).outcome is Outcome.UNKNOWN


@given(some.binary(max_size=60), some.integers(100, 599), some.sampled_from([CREATE, UPDATE, DELETE, GET, LIST]))
def test_no_answer_whatever_is_in_it_ends_a_client(body: bytes, code: int, wanted: Wanted) -> None:
    assert answered(wanted, code, body).status == code
