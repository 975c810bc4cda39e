"""Nothing a client can send makes the demo fail; every error is a problem document."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from demo.billing.running import RunningBilling

NUMBER = "7060012345"
GOOD = {
    "channel": "vk",
    "submitted_at": "2019-12-20T16:26:05+03:00",
    "readings": [{"meter_id": "m-1", "value": "56590"}],
}


@pytest.fixture
def nothing_stored(demo: RunningBilling) -> Iterator[None]:
    yield
    assert [entry for entry in demo.control.submissions() if entry["status"] == 201] == []


def is_problem(response: httpx.Response) -> bool:
    return (
        response.headers["content-type"] == "application/problem+json"
        and response.json()["status"] == response.status_code
    )


def post(client: httpx.Client, content: bytes, key: str | bytes = "k") -> httpx.Response:
    headers: Any = {"Idempotency-Key": key, "Content-Type": "application/json"}
    return client.post(f"/accounts/{NUMBER}/readings", content=content, headers=headers)


@pytest.mark.usefixtures("nothing_stored")
@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"\xff", b"NaN", b'{"a": "\\ud800"}', b"[" * 50_000, b"{'a': 1}", b"\x00"],
)
def test_what_is_not_json_is_a_bad_request(client: httpx.Client, content: bytes) -> None:
    response = post(client, content)
    assert (response.status_code, is_problem(response)) == (400, True)


WRONG: list[dict[str, Any]] = [
    {"channel": None},
    {"channel": "pigeon"},
    {"channel": ["vk"]},
    {"submitted_at": "yesterday"},
    {"submitted_at": "2019-12-20T16:26:05"},
    {"submitted_at": "2019-02-30T16:26:05+03:00"},
    {"submitted_at": "2019-12-20T16:26:05+99:99"},
    {"submitted_at": 1576848365},
    {"readings": None},
    {"readings": []},
    {"readings": {}},
    {"readings": ["m-1"]},
    {"readings": [{"meter_id": 1, "value": "56590"}]},
    {"readings": [{"meter_id": "m-1", "value": 56590}]},
    {"readings": [{"meter_id": "m-1", "value": "56590\n"}]},
    {"readings": [{"meter_id": "m-1", "value": "-1"}]},
    {"readings": [{"meter_id": "m-1", "value": "1e5"}]},
    {"readings": [{"meter_id": "m-1", "value": "5,5"}]},
    {"readings": [{"meter_id": "m-1", "value": "٥٦٥٩٠"}]},
    {"readings": [{"meter_id": "m-1", "value": "1234567890"}]},
    {"readings": [{"meter_id": "m-1", "value": "56590"}] * 2},
]


@pytest.mark.usefixtures("nothing_stored")
@pytest.mark.parametrize("changes", WRONG, ids=lambda changes: json.dumps(changes)[:60])
def test_a_field_of_the_wrong_kind_is_named(client: httpx.Client, changes: dict[str, Any]) -> None:
    response = post(client, json.dumps({**GOOD, **changes}).encode())
    assert (response.status_code, is_problem(response)) == (422, True)
    assert response.json()["field"].startswith(next(iter(changes)))


@pytest.mark.usefixtures("nothing_stored")
@pytest.mark.parametrize("key", ["", "k" * 65, "ключ".encode(), b"\xff\xfe", b"tab\there"])
def test_a_key_that_cannot_be_kept_is_a_bad_request(client: httpx.Client, key: str | bytes) -> None:
    response = post(client, json.dumps(GOOD).encode(), key)
    assert (response.status_code, is_problem(response)) == (400, True)


def test_a_key_of_sixty_four_characters_is_kept(client: httpx.Client) -> None:
    assert post(client, json.dumps(GOOD).encode(), "k" * 64).status_code == 201


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from([*GOOD, "meter_id", "value"]), inner, max_size=4)
    ),
    max_leaves=15,
)


@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(junk=JSON, field=st.sampled_from([*GOOD, None]))
def test_junk_is_always_refused_as_the_clients_fault(
    client: httpx.Client, junk: Any, field: str | None
) -> None:
    body = {**GOOD, field: junk} if field else junk
    if field == "channel" and junk in ("vk", "viber", "max", "web", "telegram"):
        return
    response = post(client, json.dumps(body).encode())
    assert 400 <= response.status_code < 500
    assert is_problem(response)


@settings(
    max_examples=100,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(content=st.binary(max_size=60), number=st.text(min_size=1, max_size=14))
def test_bytes_and_numbers_of_any_kind_never_fail(
    client: httpx.Client, content: bytes, number: str
) -> None:
    assert post(client, content).status_code < 500
    odd = httpx.URL(str(client.base_url)).copy_with(raw_path=b"/v1/accounts/" + _quoted(number))
    response = client.get(odd)
    assert response.status_code in (404, 405)
    assert is_problem(response)


def _quoted(text: str) -> bytes:
    return "".join(f"%{byte:02X}" for byte in text.encode()).encode()


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 404),
        ("GET", "/nowhere", 404),
        ("GET", f"/accounts/{NUMBER}/meters", 404),
        ("POST", f"/accounts/{NUMBER}", 405),
        ("DELETE", f"/accounts/{NUMBER}/balance", 405),
        ("PATCH", "/health", 405),
        ("GET", "/accounts/1234", 404),
        ("GET", "/accounts/7060012345%0A", 404),
        ("GET", "/accounts/%D9%A7%D9%A0%D9%A6", 404),
    ],
)
def test_unknown_addresses_and_methods_are_problems_too(
    client: httpx.Client, method: str, path: str, status: int
) -> None:
    response = client.request(method, path)
    assert (response.status_code, is_problem(response)) == (status, True)


@pytest.mark.parametrize("limit", ["0", "201", "-1", "1.5", "many", "", "٣", "9" * 30])
def test_a_limit_out_of_bounds_is_a_bad_request(client: httpx.Client, limit: str) -> None:
    response = client.get(f"/accounts/{NUMBER}/readings", params={"limit": limit})
    assert response.status_code in (400, 404) if limit else True
    assert response.status_code < 500


@pytest.mark.parametrize(("limit", "count"), [(1, 1), (50, 50), (200, 75)])
def test_the_limit_limits(client: httpx.Client, limit: int, count: int) -> None:
    response = client.get("/accounts/7060020003/readings", params={"limit": limit})
    assert len(response.json()["readings"]) == count


@pytest.mark.parametrize(
    "header", ["", "the-token", "Bearer", "Bearer wrong", "Basic the-token", b"Bearer \xff\xd0"]
)
def test_without_the_token_there_is_nothing_to_see(
    client: httpx.Client, header: str | bytes
) -> None:
    headers: Any = {"Authorization": header}
    for path in (f"/accounts/{NUMBER}", "/accounts/99999", f"/accounts/{NUMBER}/balance"):
        response = client.get(path, headers=headers)
        assert (response.status_code, response.json()["code"]) == (401, "unauthorized")
        assert response.headers["www-authenticate"] == "Bearer"


def test_a_body_that_is_too_big_is_refused(client: httpx.Client) -> None:
    response = post(client, b" " * 300_000)
    assert (response.status_code, is_problem(response)) == (413, True)


@pytest.mark.parametrize(
    "line",
    [b"HELLO\r\n\r\n", b"GET /v1/health\r\n\r\n", b"POST /v1/health HTTP/9\r\n\r\n", b"\r\n\r\n"],
)
def test_what_is_not_http_does_not_stop_the_service(
    client: httpx.Client, demo: RunningBilling, line: bytes
) -> None:
    url = httpx.URL(demo.url)
    with socket.create_connection((url.host, url.port or 0), timeout=5) as connection:
        connection.sendall(line)
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(4096):
            pass
    assert client.get("/health").status_code == 200
