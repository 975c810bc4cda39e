"""VK's `execute` as the emulator plays it: one call of the limit for many messages."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from vk_api import requests_pool

from demo.emulator.client import Resident
from demo.emulator.emulator import Emulator
from demo.emulator.faults import API_MODES, Fault


def script(*messages: dict[str, Any]) -> str:
    calls = ",".join(
        f"API.messages.send({json.dumps(message, ensure_ascii=False)})" for message in messages
    )
    return f"return [{calls}];"


def to(resident: Resident, number: int, text: str = "Да", **more: Any) -> dict[str, Any]:
    return {"peer_id": resident.user_id, "random_id": number, "message": text, **more}


async def test_each_message_of_a_script_is_shown_and_has_an_id(vk: Any, resident: Resident) -> None:
    texts = ["раз", 'два "});', "три\nстроки \\ 🙂"]
    code = script(*(to(resident, number, text) for number, text in enumerate(texts, 1)))
    answer = await vk("execute", code=code)
    assert list(answer) == ["response"]
    assert len(set(answer["response"])) == 3
    assert await resident.answers() == texts
    assert await vk("execute", code=code) == answer
    assert await resident.answers() == texts


async def test_messages_of_a_script_are_checked_like_any_other(vk: Any, resident: Resident) -> None:
    wrong = {
        100: to(resident, 2, ""),
        914: to(resident, 3, "a" * 4097),
        911: to(resident, 4, keyboard="{"),
        901: {**to(resident, 5), "peer_id": 1},
    }
    answer = await vk("execute", code=script(to(resident, 1), *wrong.values(), to(resident, 6)))
    results, errors = answer["response"], answer["execute_errors"]
    assert [result is False for result in results] == [False, True, True, True, True, False]
    assert [error["error_code"] for error in errors] == [*wrong, 901]
    assert [error["method"] for error in errors] == ["messages.send"] * 4 + ["execute"]
    assert await resident.answers() == ["Да", "Да"]


async def test_an_independent_library_reads_the_answer(
    vk: Any, resident: Resident, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = [to(resident, 1), {**to(resident, 2), "peer_id": 1}, to(resident, 3, "")]
    # Calls of one method it would put into a loop, which does not run here.
    monkeypatch.setattr(requests_pool, "check_one_method", lambda pool: False)
    session = Session()
    pool = requests_pool.VkRequestsPool(session)
    results = [pool.method("messages.send", call) for call in calls]
    with pytest.raises(KeyError):
        pool.execute()
    session.answer = await vk("execute", code=session.code)
    pool.execute()
    assert [result.ok for result in results] == [True, False, False]
    assert [result.error["error_code"] for result in results[1:]] == [901, 100]


class Session:
    """What vk_api takes for a session: keeps the script, gives the answer it was given."""

    def __init__(self) -> None:
        self.code = ""
        self.answer: dict[str, Any] = {}

    def method(self, method: str, values: dict[str, str], raw: bool = False) -> dict[str, Any]:
        self.code = values["code"]
        return self.answer


@pytest.mark.parametrize(
    "code",
    [
        "",
        "return 1;",
        "return [];",
        'return [API.messages.send({"peer_id":"1"})]',
        'return [API.messages.send({"peer_id":"1"}),];',
        'return [API.messages.send({"peer_id":"1"})];return 1;',
        'return [API.messages.send({"peer_id":"1"}) ,API.messages.send({"peer_id":"1"})];',
        'return [API.messages.sing({"peer_id":"1"})];',
        'return [API.messages.send("peer_id")];',
        'return [API.messages.send({"peer_id":["1"]})];',
        'return [API.messages.send({"message":"a\nb"})];',
        'return [API.messages.send({"message":"a\u2028b"})];',
        'return [API.messages.send({"message":"a"b"})];',
        "return [API.messages.send(" + "[" * 5000 + ")];",
    ],
)
async def test_any_other_script_does_not_compile(vk: Any, code: str) -> None:
    assert (await vk("execute", code=code))["error"]["error_code"] == 12


async def test_a_script_makes_25_calls_at_most_and_counts_as_one(
    vk: Any, emulator: Emulator, resident: Resident
) -> None:
    emulator.vk_api._now = lambda: 1000.0
    numbers = iter(range(1, 1000))
    full = [[to(resident, next(numbers)) for _ in range(25)] for _ in range(20)]
    answers = [await vk("execute", code=script(*messages)) for messages in full]
    assert all(len(answer["response"]) == 25 for answer in answers)
    assert (await vk("execute", code=script(*full[0])))["error"]["error_code"] == 6
    emulator.vk_api._now = lambda: 2000.0
    too_many = await vk("execute", code=script(*full[0], to(resident, 999)))
    assert too_many["error"]["error_code"] == 13


async def test_the_call_itself_is_checked(vk: Any, resident: Resident) -> None:
    code = script(to(resident, 1), to(resident, 2))
    assert (await vk("execute", code=code, access_token="x"))["error"]["error_code"] == 5
    assert (await vk("execute", code=code, v=None))["error"]["error_code"] == 8
    assert await resident.answers() == []


@pytest.mark.parametrize("method", ["", "messages.send", "execute"])
@pytest.mark.parametrize("mode", sorted(set(API_MODES) - {"error"}))
async def test_what_spoils_a_message_s_call_spoils_the_script_with_it(
    mode: str, method: str, emulator: Emulator, vk: Any, resident: Resident
) -> None:
    await emulator.add_fault(Fault("vk", mode, status=503, seconds=0.01, method=method))
    code = script(to(resident, 1, "раз"), to(resident, 2, "два"))
    with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError, ValueError)):
        await vk("execute", code=code)
    taken = mode.startswith("accept")
    assert await resident.answers() == (["раз", "два"] if taken else [])
    assert len((await vk("execute", code=code))["response"]) == 2
    assert await resident.answers() == ["раз", "два"]


async def test_an_error_ordered_for_a_resident_meets_their_message_alone(
    emulator: Emulator, vk: Any, resident: Resident
) -> None:
    other = await Resident.create(emulator, "vk")
    await other.allow()
    await emulator.add_fault(
        Fault("vk", "error", code=900, method="messages.send", user_id=other.user_id)
    )
    messages = [to(resident, 1), to(other, 2), to(resident, 3), to(other, 4)]
    answer = await vk("execute", code=script(*messages))
    assert [result is False for result in answer["response"]] == [False, True, False, False]
    assert answer["execute_errors"][0]["error_code"] == 900


async def test_an_error_ordered_for_any_call_meets_the_whole_script(
    emulator: Emulator, vk: Any, resident: Resident
) -> None:
    await emulator.add_fault(Fault("vk", "error", code=10))
    code = script(to(resident, 1), to(resident, 2))
    assert (await vk("execute", code=code))["error"]["error_code"] == 10
    assert await resident.answers() == []
