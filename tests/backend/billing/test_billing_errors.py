"""Every way billing can fail becomes one of the errors of the port."""

from __future__ import annotations

import asyncio
from datetime import datetime, timezone

import httpx
import pytest
import respx

from backend.billing.errors import (
    REFUSALS,
    AccountNotFound,
    BillingUnauthorized,
    BillingUnavailable,
    SubmissionRefused,
    Trouble,
)
from backend.billing.http import LARGEST_BODY, HttpBilling
from backend.billing.problems import LONGEST_WAIT, retry_after
from tests.backend.billing.billing_samples import (
    CALLS,
    GOOD,
    READS,
    TOKEN,
    URL,
    problem,
    submission,
)

EVERY_CALL = tuple(CALLS)
PAGE = "<html><body>502 Bad Gateway</body></html>"


def stub(wire: respx.MockRouter, call: str) -> respx.Route:
    method, path, _ = CALLS[call]
    return wire.route(method=method, path=f"/v1{path}")


async def failure(billing: HttpBilling, call: str) -> BillingUnavailable:
    with pytest.raises(BillingUnavailable) as caught:
        await CALLS[call][2](billing)
    return caught.value


@pytest.mark.parametrize("call", EVERY_CALL)
@pytest.mark.parametrize("status", [500, 502, 503, 504, 599])
async def test_a_server_error_means_unavailable(
    wire: respx.MockRouter, billing: HttpBilling, call: str, status: int
) -> None:
    stub(wire, call).respond(status, text=PAGE)
    error = await failure(billing, call)
    assert error.trouble is Trouble.SERVER_ERROR
    assert error.outcome_unknown is (call == "submit")


@pytest.mark.parametrize("call", EVERY_CALL)
async def test_the_contracts_503_is_known_to_have_stored_nothing(
    wire: respx.MockRouter, billing: HttpBilling, call: str
) -> None:
    stub(wire, call).respond(
        503, json=problem(503, "temporarily_unavailable"), headers={"Retry-After": "30"}
    )
    error = await failure(billing, call)
    assert (error.after, error.outcome_unknown) == (30.0, False)


@pytest.mark.parametrize("call", EVERY_CALL)
async def test_too_many_requests_carry_the_time_to_wait(
    wire: respx.MockRouter, billing: HttpBilling, call: str
) -> None:
    route = stub(wire, call).respond(429, headers={"Retry-After": "7"})
    error = await failure(billing, call)
    assert (error.trouble, error.after, error.outcome_unknown) == (Trouble.RATE_LIMIT, 7.0, False)
    assert route.call_count == 1


@pytest.mark.parametrize("call", EVERY_CALL)
@pytest.mark.parametrize("status", [401, 403])
async def test_a_refused_token_is_the_operators_matter_and_unavailable_to_residents(
    wire: respx.MockRouter, billing: HttpBilling, call: str, status: int
) -> None:
    route = stub(wire, call).respond(status, json=problem(status, "unauthorized"))
    error = await failure(billing, call)
    assert isinstance(error, BillingUnauthorized)
    assert not error.outcome_unknown
    assert route.call_count == 1


@pytest.mark.parametrize("call", EVERY_CALL)
@pytest.mark.parametrize(
    ("fault", "trouble", "unknown_after_submit"),
    [
        (httpx.ConnectError("refused"), Trouble.CONNECTION, False),
        (httpx.ConnectTimeout("slow"), Trouble.TIMEOUT, False),
        (httpx.PoolTimeout("busy"), Trouble.TIMEOUT, False),
        (httpx.ReadError("reset"), Trouble.CONNECTION, True),
        (httpx.WriteError("reset"), Trouble.CONNECTION, True),
        (httpx.RemoteProtocolError("closed"), Trouble.CONNECTION, True),
        (httpx.ReadTimeout("slow"), Trouble.TIMEOUT, True),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "",
)
async def test_network_faults_tell_whether_a_submission_may_have_been_stored(
    wire: respx.MockRouter,
    billing: HttpBilling,
    call: str,
    fault: Exception,
    trouble: Trouble,
    unknown_after_submit: bool,
) -> None:
    stub(wire, call).mock(side_effect=fault)
    error = await failure(billing, call)
    assert error.trouble is trouble
    assert error.outcome_unknown is (call == "submit" and unknown_after_submit)


@pytest.mark.parametrize("call", EVERY_CALL)
async def test_the_budget_ends_a_call_that_never_answers(wire: respx.MockRouter, call: str) -> None:
    async def never(request: httpx.Request) -> httpx.Response:
        await asyncio.Event().wait()
        raise AssertionError

    stub(wire, call).mock(side_effect=never)
    async with httpx.AsyncClient() as client:
        impatient = HttpBilling(URL, TOKEN, client=client, budget=0.05)
        error = await asyncio.wait_for(failure(impatient, call), timeout=5)
    assert error.trouble is Trouble.TIMEOUT
    assert error.outcome_unknown is (call == "submit")


@pytest.mark.parametrize("call", EVERY_CALL)
@pytest.mark.parametrize(
    "body",
    [b"", PAGE.encode(), b"{", b"null", b"[]", b'"text"', b"\xff\xfe", b"NaN", b"[" * 100_000],
)
async def test_garbage_with_a_status_of_success_is_unavailable(
    wire: respx.MockRouter, billing: HttpBilling, call: str, body: bytes
) -> None:
    stub(wire, call).respond(201 if call == "submit" else 200, content=body)
    error = await failure(billing, call)
    assert error.trouble is Trouble.BROKEN_ANSWER
    # A success without a readable receipt most likely was stored.
    assert error.outcome_unknown is (call == "submit")


@pytest.mark.parametrize("call", EVERY_CALL)
async def test_a_body_beyond_the_limit_is_not_read(
    wire: respx.MockRouter, billing: HttpBilling, call: str
) -> None:
    sent = 0

    async def endless():  # type: ignore[no-untyped-def]
        nonlocal sent
        while True:
            sent += 65536
            yield b" " * 65536

    stub(wire, call).mock(side_effect=lambda request: httpx.Response(200, content=endless()))
    error = await failure(billing, call)
    assert error.trouble is Trouble.BROKEN_ANSWER
    assert sent <= LARGEST_BODY + 2 * 65536


@pytest.mark.parametrize("call", EVERY_CALL)
async def test_a_compressed_body_that_was_not_asked_for_is_not_unpacked(
    wire: respx.MockRouter, billing: HttpBilling, call: str
) -> None:
    stub(wire, call).respond(200, content=b"x", headers={"Content-Encoding": "gzip"})
    assert (await failure(billing, call)).trouble is Trouble.BROKEN_ANSWER


@pytest.mark.parametrize("call", EVERY_CALL)
@pytest.mark.parametrize("status", [301, 302, 307, 308])
async def test_redirects_are_not_followed(
    wire: respx.MockRouter, billing: HttpBilling, call: str, status: int
) -> None:
    elsewhere = wire.route(host="elsewhere.test")
    stub(wire, call).respond(status, headers={"Location": "http://elsewhere.test/"})
    assert (await failure(billing, call)).trouble is Trouble.BROKEN_ANSWER
    assert not elsewhere.called


@pytest.mark.parametrize("call", EVERY_CALL)
async def test_billing_says_that_there_is_no_such_account(
    wire: respx.MockRouter, billing: HttpBilling, call: str
) -> None:
    stub(wire, call).respond(404, json=problem(404, "account_not_found"))
    with pytest.raises(AccountNotFound):
        await CALLS[call][2](billing)


@pytest.mark.parametrize("call", EVERY_CALL)
async def test_the_code_may_stand_in_the_type_alone(
    wire: respx.MockRouter, billing: HttpBilling, call: str
) -> None:
    body = {"type": "urn:billing:account_not_found", "title": "Нет", "status": 404}
    stub(wire, call).respond(404, json=body)
    with pytest.raises(AccountNotFound):
        await CALLS[call][2](billing)


@pytest.mark.parametrize("call", EVERY_CALL)
@pytest.mark.parametrize("answer", [{"text": PAGE}, {"json": problem(404)}, {"json": {"a": 1}}])
async def test_a_404_that_is_not_about_the_account_never_tells_a_resident_it_is_unknown(
    wire: respx.MockRouter, billing: HttpBilling, call: str, answer: dict[str, object]
) -> None:
    stub(wire, call).respond(404, **answer)  # type: ignore[arg-type]
    assert (await failure(billing, call)).trouble is Trouble.BROKEN_ANSWER


@pytest.mark.parametrize("code", sorted(REFUSALS))
@pytest.mark.parametrize("status", [404, 409, 422])
async def test_a_refusal_carries_its_code_sentence_and_meter(
    wire: respx.MockRouter, billing: HttpBilling, code: str, status: int
) -> None:
    detail = "Показание меньше\n предыдущего\u202e."
    stub(wire, "submit").respond(status, json=problem(status, code, detail=detail, meter_id="m-1"))
    with pytest.raises(SubmissionRefused) as caught:
        await billing.submit(submission())
    assert caught.value.code == code
    assert caught.value.detail == "Показание меньше предыдущего ."
    assert caught.value.meter_id == "m-1"


@pytest.mark.parametrize(
    ("status", "code"), [(400, None), (422, None), (422, "moon_is_full"), (418, "tea"), (402, None)]
)
async def test_a_refusal_nobody_knows_is_still_a_refusal(
    wire: respx.MockRouter, billing: HttpBilling, status: int, code: str | None
) -> None:
    stub(wire, "submit").respond(status, json=problem(status, code))
    with pytest.raises(SubmissionRefused) as caught:
        await billing.submit(submission())
    assert (caught.value.code, caught.value.detail) == ("unknown", None)


async def test_a_gateways_own_4xx_page_does_not_lose_the_readings(
    wire: respx.MockRouter, billing: HttpBilling
) -> None:
    stub(wire, "submit").respond(413, text=PAGE)
    assert not (await failure(billing, "submit")).outcome_unknown


@pytest.mark.parametrize("call", READS)
@pytest.mark.parametrize("hiccup", [httpx.Response(502), httpx.ReadError("reset")])
async def test_a_read_is_tried_once_more(
    wire: respx.MockRouter,
    billing: HttpBilling,
    call: str,
    hiccup: httpx.Response | Exception,
) -> None:
    route = stub(wire, call)
    route.side_effect = [hiccup, httpx.Response(200, json=GOOD[call])]
    await CALLS[call][2](billing)
    assert route.call_count == 2


@pytest.mark.parametrize("call", READS)
async def test_a_read_is_tried_at_most_twice(
    wire: respx.MockRouter, billing: HttpBilling, call: str
) -> None:
    route = stub(wire, call).respond(500)
    await failure(billing, call)
    assert route.call_count == 2


async def test_a_read_is_not_repeated_while_billing_asks_to_wait(
    wire: respx.MockRouter, billing: HttpBilling
) -> None:
    route = stub(wire, "account").respond(503, headers={"Retry-After": "5"})
    assert (await failure(billing, "account")).after == 5.0
    assert route.call_count == 1


@pytest.mark.parametrize("answer", [httpx.Response(500), httpx.ConnectError("refused")])
async def test_a_submission_is_never_repeated_inside(
    wire: respx.MockRouter, billing: HttpBilling, answer: httpx.Response | Exception
) -> None:
    route = stub(wire, "submit")
    route.side_effect = [answer] * 3
    await failure(billing, "submit")
    assert route.call_count == 1


@pytest.mark.parametrize(
    "number",
    ["", "1234", "1234567890123", "70600abcde", "7060012345\n", "../../x", "٧٠٦٠٠١٢٣٤٥", "70600 1"],
)
async def test_what_cannot_be_an_account_number_never_reaches_the_wire(
    wire: respx.MockRouter, billing: HttpBilling, number: str
) -> None:
    everything = wire.route()
    calls = (billing.account(number), billing.readings(number), billing.balance(number))
    for call in (*calls, billing.submit(submission(account=number))):
        with pytest.raises(AccountNotFound):
            await call
    assert not everything.called


@pytest.mark.parametrize(
    ("answer", "healthy"),
    [
        (httpx.Response(200), True),
        (httpx.Response(204), False),
        (httpx.Response(302, headers={"Location": "/"}), False),
        (httpx.Response(503), False),
        (httpx.ConnectError("refused"), False),
        (httpx.ReadTimeout("slow"), False),
    ],
)
async def test_health_is_true_or_false_and_never_an_error(
    wire: respx.MockRouter,
    billing: HttpBilling,
    answer: httpx.Response | Exception,
    healthy: bool,
) -> None:
    route = wire.get(path="/v1/health")
    route.side_effect = [answer]
    assert await billing.healthy() is healthy
    assert "authorization" not in route.calls[0].request.headers


NOON = datetime(2019, 12, 20, 12, 0, tzinfo=timezone.utc)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, None),
        ("0", 0.0),
        (" 120 ", 120.0),
        ("Fri, 20 Dec 2019 12:01:30 GMT", 90.0),
        ("Fri, 20 Dec 2019 11:00:00 GMT", 0.0),
        ("Fri, 20 Dec 2019 15:01:30 +0300", 90.0),
        ("999999999", LONGEST_WAIT),
        ("Fri, 20 Dec 2119 12:01:30 GMT", LONGEST_WAIT),
        ("-5", None),
        ("1.5", None),
        ("soon", None),
        ("", None),
        ("٣", None),
        ("9" * 400, None),
        ("Fri, 99 Foo 2019 12:01:30 GMT", None),
    ],
)
def test_retry_after_is_seconds_or_a_date(header: str | None, seconds: float | None) -> None:
    assert retry_after(header, now=NOON) == seconds


async def test_a_client_from_outside_stays_open(wire: respx.MockRouter) -> None:
    async with httpx.AsyncClient() as client:
        await HttpBilling(URL, TOKEN, client=client).close()
        assert not client.is_closed


async def test_a_cancelled_call_is_cancelled_and_nothing_else(wire: respx.MockRouter) -> None:
    arrived = asyncio.Event()

    async def hang(request: httpx.Request) -> httpx.Response:
        arrived.set()
        await asyncio.Event().wait()
        raise AssertionError

    stub(wire, "submit").mock(side_effect=hang)
    async with httpx.AsyncClient() as client:
        patient = HttpBilling(URL, TOKEN, client=client, budget=30)
        task = asyncio.create_task(patient.submit(submission()))
        await arrived.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
