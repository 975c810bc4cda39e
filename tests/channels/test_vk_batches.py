"""Messages that wait for VK's limit of calls go several in one `execute`."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs
from vk_api import requests_pool

from backend.delivery.messenger import (
    DeliveryError,
    MessageRejected,
    OperatorNeeded,
    ResidentUnreachable,
    RetryLater,
)
from backend.delivery.model import Keyboard
from channels.http import http_client
from channels.vk.client import VkClient
from channels.vk.errors import delivery_error
from channels.vk.events import CallbackPress
from channels.vk.rate import RateLimiter
from demo.emulator.vk_execute import read_script
from tests.channels.channel_samples import MENU, outgoing
from tests.channels.fake_vk import API, TOKEN, FakeVk, error

PLACES, TOGETHER = 20, 25


def executed(
    refused: dict[str, int] | None = None, *, repeated: bool = True
) -> Callable[[httpx.Request], dict[str, Any]]:
    """Answers `execute` as VK does: an id made of the receiver's, or an error for some receivers.

    `repeated`: VK's way to name the last error once more as that of the script.
    """
    codes = refused or {}

    def answer(request: httpx.Request) -> dict[str, Any]:
        peers = [call["peer_id"] for call in read_script(form(request)["code"])]
        errors = [
            {"method": "messages.send", "error_code": codes[peer], "error_msg": f"about {peer}"}
            for peer in peers
            if peer in codes
        ]
        results = [False if peer in codes else int(peer) * 10 for peer in peers]
        if not errors:
            return {"response": results}
        last = [{**errors[-1], "method": "execute"}] if repeated else []
        return {"response": results, "execute_errors": errors + last}

    return answer


def sent(refused: dict[str, int] | None = None) -> Callable[[httpx.Request], dict[str, Any]]:
    """Answers messages.send in the same way."""
    codes = refused or {}

    def answer(request: httpx.Request) -> dict[str, Any]:
        peer = form(request)["peer_id"]
        return error(codes[peer]) if peer in codes else {"response": int(peer) * 10}

    return answer


def form(request: httpx.Request) -> httpx.QueryParams:
    return httpx.QueryParams(request.content.decode())


@pytest.fixture
def vk() -> FakeVk:
    return FakeVk({"messages.send": sent(), "execute": executed()})


@pytest.fixture
async def client(vk: FakeVk) -> AsyncIterator[VkClient]:
    """Its second lasts a twentieth: the tests count calls, not time."""
    made = limited(vk, calls=PLACES, per=0.05)
    yield made
    await made.close()


def limited(vk: FakeVk, calls: int, per: float) -> VkClient:
    http = http_client(httpx.MockTransport(vk))
    return VkClient(http, token=TOKEN, api_url=API, limiter=RateLimiter(calls, per))


def send(client: VkClient, number: int, text: str = "Привет", **changes: Any) -> Any:
    """Sends message `number` to the resident of this number."""
    user_id = str(number)
    return client.send(outgoing("vk", text, user_id=user_id, key=f"turn-{number}/0", **changes))


Sending = Coroutine[Any, Any, str]


async def outcomes(sending: list[Sending]) -> list[str | BaseException]:
    return await asyncio.gather(*sending, return_exceptions=True)


async def after_the_places(client: VkClient, *waiting: Sending) -> list[str | BaseException]:
    """What becomes of messages that find all places taken."""
    first = [send(client, 1000 + number) for number in range(PLACES)]
    return (await outcomes([*first, *waiting]))[PLACES:]


async def turn_of_the_loop() -> None:
    """Whatever was begun before waits now for its place or its answer."""
    await asyncio.sleep(0)


async def test_messages_that_find_a_place_go_one_by_one(vk, client):
    ids = await asyncio.gather(*(send(client, number) for number in range(1, PLACES + 1)))
    assert ids == [str(number * 10) for number in range(1, PLACES + 1)]
    assert len(vk.forms("messages.send")) == PLACES
    assert vk.forms("execute") == []


async def test_two_hundred_at_once_take_the_calls_of_two_seconds_and_not_of_ten(vk, client):
    ids = await asyncio.gather(*(send(client, number) for number in range(1, 201)))
    assert ids == [str(number * 10) for number in range(1, 201)]
    assert len(vk.forms("messages.send")) == PLACES
    assert [len(batch) for batch in vk.batches()] == [TOGETHER] * 7 + [5]
    arrived = [int(call["peer_id"]) for batch in vk.batches() for call in batch]
    assert arrived == list(range(PLACES + 1, 201))


async def test_a_message_in_a_batch_says_what_it_would_say_alone(vk, client):
    text = "Показание «56,578» м³ & «принято» 🙂"
    await after_the_places(client, send(client, 1, text, keyboard=MENU), send(client, 2))
    ((batched, other),) = vk.batches()
    at_rest = limited(vk, calls=1, per=0.0)
    await send(at_rest, 1, text, keyboard=MENU)
    await at_rest.close()
    alone = dict(vk.forms("messages.send")[-1])
    assert batched == {name: value for name, value in alone.items() if name != "v"}
    assert "keyboard" not in other
    (whole,) = vk.forms("execute")
    assert sorted(whole) == ["code", "v"]


async def test_one_message_that_waits_goes_as_an_ordinary_call(vk, client):
    assert await after_the_places(client, send(client, 1)) == ["10"]
    assert vk.forms("execute") == []


async def test_after_a_rush_messages_go_one_by_one_again(vk, client):
    await asyncio.gather(*(send(client, number) for number in range(1, 60)))
    # Once the places are free; whoever finds them free does not wait for others.
    await asyncio.sleep(0.2)
    before = len(vk.forms("execute"))
    await asyncio.gather(*(send(client, number) for number in range(60, 70)))
    assert len(vk.forms("execute")) == before


async def test_few_senders_who_never_stop_share_calls_too(vk):
    # As the outbox, which has 32 messages under way. Places taken one by one as soon as they are
    # free would be used up by the first messages of each second.
    client = limited(vk, calls=PLACES, per=0.2)

    async def one_after_another(sender: int) -> None:
        for number in range(10):
            await send(client, 1 + sender * 10 + number)

    await asyncio.gather(*(one_after_another(sender) for sender in range(32)))
    assert len(vk.requests) <= 3 * PLACES
    await client.close()


async def test_other_calls_keep_their_turn(vk):
    client = limited(vk, calls=1, per=0.05)
    sending = [asyncio.create_task(send(client, number)) for number in range(1, 40)]
    await turn_of_the_loop()
    await turn_of_the_loop()
    await client.acknowledge(CallbackPress("a63ab5923e8c", "743784474"))
    await asyncio.gather(*sending)
    order = [request.url.path.rsplit("/", 1)[-1] for request in vk.requests]
    assert order == ["messages.send", "execute", "messages.sendMessageEventAnswer", "execute"]
    await client.close()


@pytest.mark.parametrize("repeated", [True, False])
async def test_a_refusal_is_only_its_own_message_s(vk, client, repeated):
    vk.answers["execute"] = executed({"3": 901, "7": 10, "24": 7}, repeated=repeated)
    got = await after_the_places(client, *(send(client, number) for number in range(1, 26)))
    assert len(vk.batches()) == 1
    assert isinstance(got[2], ResidentUnreachable)
    assert "about 3" in got[2].reason
    assert isinstance(got[6], RetryLater)
    assert isinstance(got[23], OperatorNeeded)
    assert "about 24" in got[23].reason
    for place in (2, 6, 23):
        got[place] = str((place + 1) * 10)
    assert got == [str(number * 10) for number in range(1, 26)]


async def test_a_keyboard_refused_in_a_batch_is_left_out_and_the_text_sent(vk, client):
    vk.answers["execute"] = executed({"1": 911})
    got = await after_the_places(client, send(client, 1, keyboard=MENU), send(client, 2))
    assert got == ["10", "20"]
    again = vk.forms("messages.send")[-1]
    assert (again["peer_id"], "keyboard" in again) == ("1", False)


ERROR = {"method": "messages.send", "error_code": 901, "error_msg": "no"}
LATER = "later"


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ({"response": [10]}, [LATER, LATER]),
        ({"response": [10, 20, 30]}, [LATER, LATER]),
        ({"response": None, "execute_errors": [ERROR]}, [LATER, LATER]),
        ({"response": 10}, [LATER, LATER]),
        ({"response": {"0": 10, "1": 20}}, [LATER, LATER]),
        ({"response": [10, False]}, ["10", LATER]),
        ({"response": [10, False], "execute_errors": []}, ["10", LATER]),
        ({"response": [10, False], "execute_errors": [ERROR, ERROR]}, ["10", LATER]),
        ({"response": [False, False], "execute_errors": [ERROR]}, [LATER, LATER]),
        ({"response": [None, False], "execute_errors": [ERROR, ERROR]}, [LATER, LATER]),
        ({"response": [None, False], "execute_errors": [ERROR]}, [LATER, LATER]),
        ({"response": [10, True]}, ["10", LATER]),
        ({"response": [10, 0]}, ["10", LATER]),
        ({"response": [10, "20"]}, ["10", LATER]),
        ({"response": [10, {"message_id": 20}]}, ["10", LATER]),
        ({"response": [10, 20.5]}, ["10", LATER]),
        ({"response": [10, False], "execute_errors": ["broken"]}, ["10", LATER]),
        ({"response": [10, False], "execute_errors": {"0": ERROR}}, ["10", LATER]),
        ({"response": [10, False], "execute_errors": [{"error_code": "901"}]}, ["10", LATER]),
        ({"response": [10, 20], "execute_errors": "broken"}, ["10", "20"]),
        ({"execute_errors": [ERROR]}, [LATER, LATER]),
        ([], [LATER, LATER]),
    ],
    ids=str,
)
async def test_what_is_not_certain_is_sent_again_and_never_taken_for_sent(
    vk, client, answer, expected
):
    vk.answers["execute"] = httpx.Response(200, json=answer)
    got = await after_the_places(client, send(client, 1), send(client, 2))
    assert [LATER if isinstance(one, RetryLater) else one for one in got] == expected


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (httpx.ReadTimeout("the answer was lost"), None),
        (httpx.Response(502), None),
        (httpx.Response(200, content=b"<html>"), None),
        *((error(code), code) for code in (1, 5, 6, 9, 10, 14, 27, 28, 29)),
    ],
    ids=str,
)
async def test_what_befalls_the_whole_call_befalls_each_message_in_it(vk, client, answer, code):
    vk.answers["execute"] = answer
    got = await after_the_places(client, *(send(client, number) for number in range(1, 11)))
    expected = RetryLater if code is None else type(delivery_error(code))
    assert {(type(one), one.code) for one in got} == {(expected, code)}
    assert len(vk.forms("execute")) == 1
    assert len(vk.forms("messages.send")) == PLACES


async def test_messages_whose_answer_was_lost_go_again_under_the_same_random_ids(vk, client):
    vk.answers["execute"] = httpx.ReadTimeout("the answer was lost")
    got = await after_the_places(client, *(send(client, number) for number in range(1, 11)))
    assert {type(one) for one in got} == {RetryLater}
    (lost,) = vk.batches()
    assert len({call["random_id"] for call in lost}) == 10
    vk.answers["execute"] = executed()
    got = await after_the_places(client, *(send(client, number) for number in range(1, 11)))
    assert got == [str(number * 10) for number in range(1, 11)]
    # The places of the first calls may come back one by one, and a message may then go alone.
    again = [*(call for batch in vk.batches()[1:] for call in batch), *vk.forms("messages.send")]
    assert {call["random_id"] for call in lost} <= {call["random_id"] for call in again}


@pytest.mark.parametrize("code", [12, 13, 8, 100, 15, 3, 901, 99999])
async def test_one_poisonous_message_never_harms_the_others(vk, client, code):
    vk.answers |= {"execute": error(code), "messages.send": sent({"4": 100})}
    with capture_logs() as logs:
        got = await after_the_places(client, *(send(client, number) for number in range(1, 8)))
    assert [(log["event"], log["messages"]) for log in logs] == [("vk.execute_refused", 7)]
    assert isinstance(got.pop(3), MessageRejected)
    assert got == ["10", "20", "30", "50", "60", "70"]
    alone = [form["peer_id"] for form in vk.forms("messages.send")[PLACES:]]
    assert alone == ["1", "2", "3", "4", "5", "6", "7"]
    assert len(vk.forms("execute")) == 1


async def test_a_message_cancelled_while_it_waits_is_not_sent(vk, client):
    async def cancelled() -> str:
        task = asyncio.create_task(send(client, 2))
        await turn_of_the_loop()
        task.cancel()
        return await task

    got = await after_the_places(client, send(client, 1), cancelled(), send(client, 3))
    assert isinstance(got[1], asyncio.CancelledError)
    assert (got[0], got[2]) == ("10", "30")
    assert [[call["peer_id"] for call in batch] for batch in vk.batches()] == [["1", "3"]]


async def test_if_all_that_wait_are_cancelled_nothing_is_sent(vk, client):
    tasks = [asyncio.create_task(send(client, number)) for number in range(1, PLACES + 3)]
    await turn_of_the_loop()
    for task in tasks[PLACES:]:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert await send(client, 50) == "500"
    peers = [form["peer_id"] for form in vk.forms("messages.send")]
    assert peers == [str(number) for number in (*range(1, PLACES + 1), 50)]
    assert vk.forms("execute") == []


async def test_a_message_cancelled_under_way_does_not_stop_the_call_for_the_others(vk):
    begun, finish = asyncio.Event(), asyncio.Event()

    async def slowly(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/execute"):
            begun.set()
            await finish.wait()
        return await vk(request)

    http = http_client(httpx.MockTransport(slowly))
    client = VkClient(http, token=TOKEN, api_url=API, limiter=RateLimiter(1, 0.01))
    tasks = [asyncio.create_task(send(client, number)) for number in range(1, 5)]
    await asyncio.wait_for(begun.wait(), 5)
    tasks[2].cancel()
    await turn_of_the_loop()
    finish.set()
    assert await asyncio.gather(tasks[0], tasks[1], tasks[3]) == ["10", "20", "40"]
    assert tasks[2].cancelled()
    await client.close()


async def test_whoever_waits_when_the_client_closes_is_told_to_try_later(vk):
    hanging = asyncio.Event()

    async def hang(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/execute"):
            hanging.set()
            await asyncio.Event().wait()
        return await vk(request)

    http = http_client(httpx.MockTransport(hang))
    client = VkClient(http, token=TOKEN, api_url=API, limiter=RateLimiter(1, 0.01))
    under_way = [asyncio.create_task(send(client, number)) for number in range(1, 4)]
    await asyncio.wait_for(hanging.wait(), 5)
    waiting = [asyncio.create_task(send(client, number)) for number in range(4, 6)]
    await turn_of_the_loop()
    await client.close()
    got = await asyncio.gather(*under_way, *waiting, return_exceptions=True)
    assert got[0] == "10"
    assert {type(one) for one in got[1:]} == {RetryLater}


HOSTILE = [
    '"})];return API.account.ban({"user_id":"1',
    '"}),API.messages.send({"peer_id":"1","message":"',
    "\\",
    '\\"',
    '\\\\"});//',
    "\\u0022}",
    "\\n",
    "первая\nвторая\r\nтретья",
    "%22%7D)&code=return 1;&v=5.1+1",
    "</script><!-- /* */ // ' ` ${1}",
    "🙂 \U0010ffff \u200b \ufeff",
]
UNSURE = ["a\u2028b", "a\u2029b", "a\tb", "a\x1bb", "a\x7fb", "a\x85b", "a\x0bb"]


@pytest.mark.parametrize("text", HOSTILE)
async def test_no_text_leaves_its_string(vk, client, text):
    got = await after_the_places(client, send(client, 1), send(client, 2, text), send(client, 3))
    assert got == ["10", "20", "30"]
    ((_, hostile, _),) = vk.batches()
    assert hostile["message"] == text
    assert [call["peer_id"] for call in vk.batches()[0]] == ["1", "2", "3"]


@pytest.mark.parametrize("text", UNSURE)
async def test_characters_that_a_script_may_read_otherwise_go_without_one(vk, client, text):
    got = await after_the_places(
        client, send(client, 1), send(client, 2), send(client, 3, text), *map_send(client, 4, 5)
    )
    assert got == ["10", "20", "30", "40", "50"]
    assert vk.forms("messages.send")[-1]["message"] == text
    assert [[call["peer_id"] for call in batch] for batch in vk.batches()] == [
        ["1", "2"],
        ["4", "5"],
    ]


def map_send(client: VkClient, *numbers: int) -> list[Awaitable[str]]:
    return [send(client, number) for number in numbers]


@given(texts=st.lists(st.text(st.characters(codec=None), max_size=40), min_size=2, max_size=8))
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
async def test_whatever_residents_and_designers_write_arrives_as_it_is(texts):
    vk = FakeVk({"messages.send": sent(), "execute": executed()})
    client = limited(vk, calls=1, per=0.0)
    messages = [outgoing("vk", text, key=str(n), user_id=str(n)) for n, text in enumerate(texts)]
    got = await asyncio.gather(*(client.send(message) for message in messages))
    assert got == [str(number * 10) for number in range(len(texts))]
    calls = vk.forms("messages.send") + [call for batch in vk.batches() for call in batch]
    clean = {str(n): text.translate(UNSENDABLE) for n, text in enumerate(texts)}
    assert {call["peer_id"]: call["message"] for call in calls} == clean
    await client.close()


UNSENDABLE = dict.fromkeys([0, *range(0xD800, 0xE000)])


class RecordedVk:
    """What vk_api takes for a session: keeps the script and gives a prepared answer."""

    def __init__(self, answer: dict[str, Any]) -> None:
        self.answer = answer
        self.code = ""

    def method(self, method: str, values: dict[str, str], raw: bool = False) -> dict[str, Any]:
        assert (method, raw) == ("execute", True)
        self.code = values["code"]
        return self.answer


@pytest.mark.parametrize("repeated", [True, False])
async def test_scripts_and_answers_mean_the_same_to_an_independent_library(
    vk, client, monkeypatch, repeated
):
    refused = {"2": 901, "3": 914, "5": 10}
    vk.answers["execute"] = executed(refused, repeated=repeated)
    texts = ["Да", *HOSTILE[:4], "Передано"]
    got = await after_the_places(
        client, *(send(client, number, text) for number, text in enumerate(texts, 1))
    )
    (whole,) = vk.forms("execute")
    (calls,) = vk.batches()

    # Calls of one method it would put into a loop; any two methods are written as ours are.
    monkeypatch.setattr(requests_pool, "check_one_method", lambda pool: False)
    request = next(request for request in vk.requests if request.url.path.endswith("/execute"))
    session = RecordedVk(executed(refused, repeated=repeated)(request))
    pool = requests_pool.VkRequestsPool(session)
    theirs = [pool.method("messages.send", call) for call in calls]
    pool.execute()
    assert session.code == whole["code"]
    for ours, other in zip(got, theirs, strict=True):
        if other.ok:
            assert ours == str(other.result)
        else:
            assert isinstance(ours, DeliveryError)
            assert ours.code == other.error["error_code"]
            assert other.error["error_msg"] in ours.reason


async def test_an_empty_keyboard_stays_one_in_a_batch(vk, client):
    empty = Keyboard("1", ())
    await after_the_places(client, send(client, 1, keyboard=empty), send(client, 2))
    ((hidden, _),) = vk.batches()
    assert json.loads(hidden["keyboard"])["buttons"] == []
