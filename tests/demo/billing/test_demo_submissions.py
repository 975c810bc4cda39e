"""What the demo does with readings: once, wholly or not at all, the last one counts."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import date

import httpx
import pytest

from demo.billing.running import RunningBilling

NUMBER = "7060012345"
THREE = "7060020003"
Submit = Callable[..., httpx.Response]


def history(client: httpx.Client, number: str, limit: int = 200) -> list[tuple[str, str, bool]]:
    found = client.get(f"/accounts/{number}/readings", params={"limit": limit}).json()["readings"]
    return [(item["meter_id"], item["value"], item["counts"]) for item in found]


def test_a_repeat_gives_the_same_answer_and_stores_nothing(
    client: httpx.Client, submit: Submit, demo: RunningBilling
) -> None:
    first = submit(NUMBER, "k", {"m-1": "56590"})
    before = history(client, NUMBER)
    again = submit(NUMBER, "k", {"m-1": "56590"})
    assert (again.status_code, again.content) == (201, first.content)
    assert history(client, NUMBER) == before
    assert [entry["requests"] for entry in demo.control.submissions()] == [2]


def test_a_repeated_refusal_is_the_same_refusal_even_when_the_reason_is_gone(
    submit: Submit, demo: RunningBilling
) -> None:
    demo.control.set_today(date(2019, 12, 26))
    first = submit("7060075001", "k", {"m-1": "170"})
    assert first.json()["code"] == "period_closed"
    demo.control.set_today(date(2020, 1, 10))
    again = submit("7060075001", "k", {"m-1": "170"})
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert again.headers["content-type"] == "application/problem+json"
    assert submit("7060075001", "another", {"m-1": "170"}).status_code == 201


@pytest.mark.parametrize(
    ("number", "values", "changes"),
    [
        (NUMBER, {"m-1": "56591"}, {}),
        (NUMBER, {"m-1": "56590"}, {"channel": "viber"}),
        (NUMBER, {"m-1": "56590"}, {"submitted_at": "2019-12-20T16:26:06+03:00"}),
        (THREE, {"m-1": "170"}, {}),
    ],
)
def test_the_same_key_with_another_body_is_a_conflict(
    client: httpx.Client,
    submit: Submit,
    number: str,
    values: dict[str, str],
    changes: dict[str, str],
) -> None:
    submit(NUMBER, "k", {"m-1": "56590"})
    before = history(client, number)
    answer = submit(number, "k", values, **changes)
    assert (answer.status_code, answer.json()["code"]) == (409, "idempotency_conflict")
    assert history(client, number) == before


async def test_twenty_repeats_at_once_store_one(client: httpx.Client, demo: RunningBilling) -> None:
    body = {
        "channel": "vk",
        "submitted_at": "2019-12-20T16:26:05+03:00",
        "readings": [{"meter_id": "m-1", "value": "56590"}],
    }
    headers = {"Authorization": f"Bearer {demo.token}", "Idempotency-Key": "one"}
    async with httpx.AsyncClient(base_url=demo.url, headers=headers, trust_env=False) as many:
        answers = await asyncio.gather(
            *(many.post(f"/accounts/{NUMBER}/readings", json=body) for _ in range(20))
        )
    assert {(answer.status_code, answer.content) for answer in answers} == {
        (201, answers[0].content)
    }
    assert [value for _, value, _ in history(client, NUMBER)] == ["56590", "56578"]
    (stored,) = demo.control.submissions()
    assert (stored["idempotency_key"], stored["requests"]) == ("one", 20)


@pytest.mark.parametrize("bad", [{"m-2": "1"}, {"m-9": "1"}, {"m-2": "999999"}])
def test_one_bad_reading_keeps_all_of_them_out(
    client: httpx.Client, submit: Submit, bad: dict[str, str]
) -> None:
    before = history(client, THREE)
    answer = submit(THREE, "k", {"m-1": "170", **bad, "m-3": "42"})
    assert (answer.status_code, answer.json()["meter_id"]) == (422, next(iter(bad)))
    assert history(client, THREE) == before


def test_the_second_submission_of_a_period_counts_and_both_stay(
    client: httpx.Client, submit: Submit
) -> None:
    submit(NUMBER, "first", {"m-1": "56650"})
    assert submit(NUMBER, "second", {"m-1": "56590"}).status_code == 201
    assert history(client, NUMBER) == [
        ("m-1", "56590", True),
        ("m-1", "56650", False),
        ("m-1", "56578", True),
    ]
    meter = client.get(f"/accounts/{NUMBER}").json()["meters"][0]
    assert (meter["last_reading"], meter["last_reading_date"]) == ("56590", "2019-12-20")


def test_correcting_one_meter_leaves_the_others(client: httpx.Client, submit: Submit) -> None:
    submit(THREE, "first", {"m-1": "170", "m-2": "270"})
    submit(THREE, "second", {"m-1": "171"})
    assert history(client, THREE)[:3] == [
        ("m-1", "171", True),
        ("m-2", "270", True),
        ("m-1", "170", False),
    ]


def test_the_next_period_starts_from_the_reading_that_counts(
    submit: Submit, demo: RunningBilling
) -> None:
    submit(NUMBER, "first", {"m-1": "56650"})
    submit(NUMBER, "second", {"m-1": "56590"})
    demo.control.set_today(date(2020, 1, 20))
    assert submit(NUMBER, "january", {"m-1": "56589"}).json()["code"] == "reading_below_previous"
    answer = submit(NUMBER, "january again", {"m-1": "56600"})
    assert answer.json()["period"] == "2020-01"


@pytest.mark.parametrize(
    ("number", "value", "status"),
    [
        (NUMBER, "56578", 201),
        (NUMBER, "056590", 201),
        (NUMBER, "56590.000", 201),
        (NUMBER, "56678", 201),
        (NUMBER, "56678.001", 422),
        ("7060120001", "3.5", 201),
        ("7060120001", "95000", 422),
        ("7060060001", "99999.999", 201),
    ],
    ids=[
        "equal",
        "leading zero",
        "trailing zeros",
        "highest",
        "too high",
        "over the dial",
        "no dial-over",
        "no previous",
    ],
)
def test_readings_at_the_edges(submit: Submit, number: str, value: str, status: int) -> None:
    assert submit(number, "k", {"m-1": value}).status_code == status


def test_sentences_for_residents_are_ready_to_read(submit: Submit) -> None:
    detail = submit(NUMBER, "k", {"m-1": "1.5"}).json()["detail"]
    assert detail == (
        "Показание 1,5 по счётчику ГВС №1710051 меньше предыдущего: 56 578 от 03.12.2019."
    )
    closed = submit("7060070001", "c", {"m-1": "170"}).json()["detail"]
    assert "откроется 01.01.2020 и продлится до 25.01.2020" in closed
