"""Order, repetition and faults of deliveries, and the records that let them be checked."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import httpx
import pytest

from demo.emulator.client import HttpControl, NoAnswer, Resident
from demo.emulator.control import CannotDo, NoSuchButton
from demo.emulator.emulator import Emulator
from demo.emulator.faults import API_MODES, Fault, UnknownFault
from demo.emulator.options import Options
from demo.emulator.residents import TooManyResidents, UnknownResident
from demo.emulator.viber_checks import STATUS
from tests.demo.emulator.echo_bot import EchoBot


@pytest.fixture(params=["in process", "over HTTP"])
async def control(request: pytest.FixtureRequest, emulator: Emulator) -> Any:
    """The emulator itself, or the same through its HTTP API."""
    if request.param == "in process":
        yield emulator
        return
    over_http = HttpControl(emulator.url)
    yield over_http
    await over_http.close()


@pytest.mark.parametrize("messenger", ["viber", "vk"])
async def test_a_resident_links_an_account_and_hands_in_a_reading(
    messenger: str, control: Any
) -> None:
    resident = await Resident.create(control, messenger)
    await resident.open()
    await resident.wait_for_answer(containing="введите номер")
    await resident.say("7060000001")
    await resident.wait_for_answer(containing="привязан")
    await resident.press("Передать показания")
    await resident.wait_for_answer(containing="Укажите показания")
    await resident.say("56583")
    assert "5 м³" in (await resident.wait_for_answer()).text
    keyboard = await resident.keyboard()
    assert keyboard is not None
    assert keyboard.captions == ("Подтверждаю", "Не подтверждаю")
    await resident.press("Подтверждаю")
    await resident.wait_for_answer(containing="приняты")
    assert await resident.duplicates() == []


async def test_mistakes_of_a_user_are_the_same_errors_everywhere(control: Any) -> None:
    resident = await Resident.create(control, "vk", "Пётр")
    with pytest.raises(NoSuchButton, match="Да"):
        await resident.press("Да")
    with pytest.raises(CannotDo):
        await control.act(resident.key, "fly")
    with pytest.raises(CannotDo):
        await control.create_resident("icq")
    with pytest.raises(UnknownResident):
        await control.resident("vk-0")
    with pytest.raises(CannotDo):
        await resident.send("picture", content=b"no picture")
    with pytest.raises(NoAnswer, match="No answer"):
        await resident.wait_for_answer(0.05)
    assert (await resident.state()).name == "Пётр"


async def test_events_of_one_resident_arrive_one_by_one_and_in_order(
    emulator: Emulator, bot: EchoBot
) -> None:
    under_way, most = 0, 0

    async def slow(request: httpx.Request) -> httpx.Response:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await asyncio.sleep(0)
        under_way -= 1
        return await bot.handle(request)

    options = Options(port=0, bot_url="http://bot", retry_after=(0.01, 0.01))
    async with Emulator(options, transport=httpx.MockTransport(slow)) as other:
        bot.emulator = other
        bot.answers = [200, 500, 503]
        resident = await Resident.create(other, "viber")
        for number in range(10):
            await resident.say(str(number))
        await resident.wait_until_delivered()
        said = [body["message"]["text"] for body in bot.bodies()]
    assert said == ["0", "1", "1", "1", *(str(number) for number in range(2, 10))]
    assert most == 1


async def test_vk_repeats_the_same_event_until_the_answer_is_ok(
    emulator: Emulator, bot: EchoBot
) -> None:
    resident = await Resident.create(emulator, "vk")
    bot.answers = ["ok", "OK", 500]
    await resident.say("Привет")
    await resident.wait_until_delivered()
    new = [r for r in bot.received if json.loads(r.content)["type"] == "message_new"]
    assert [request.headers.get("X-Retry-Counter") for request in new] == [None, "1", "2"]
    assert len({request.content for request in new}) == 1
    records = [ack for ack in await emulator.acknowledgements() if ack.event == "message_new"]
    assert [(a.status, a.accepted) for a in records] == [(200, False), (500, False), (200, True)]


async def test_an_event_is_given_up_after_the_last_attempt(
    emulator: Emulator, bot: EchoBot
) -> None:
    resident = await Resident.create(emulator, "viber")
    bot.answers = [500] * 4
    await resident.say("Привет")
    await resident.wait_until_delivered()
    assert [ack.attempt for ack in await emulator.acknowledgements()] == [1, 2, 3, 4]
    assert (await resident.messages())[0].state == "failed"


async def test_a_bot_that_is_not_up_yet_gets_the_event_later() -> None:
    bot = EchoBot()
    down = [httpx.ConnectError("refused"), httpx.ReadTimeout("slow")]

    async def handle(request: httpx.Request) -> httpx.Response:
        if down:
            raise down.pop()
        return await bot.handle(request)

    options = Options(port=0, bot_url="http://bot", retry_after=(0.01, 0.01))
    async with Emulator(options, transport=httpx.MockTransport(handle)) as emulator:
        bot.emulator = emulator
        resident = await Resident.create(emulator, "viber")
        await resident.say("Привет")
        await resident.wait_for_answer()
        problems = [exchange.problem for exchange in emulator.traffic.exchanges]
    assert "in time" in str(problems[0])
    assert "cannot be reached" in str(problems[1])


@pytest.mark.parametrize("mode", ["twice", "at_once"])
@pytest.mark.parametrize("messenger", ["viber", "vk"])
async def test_a_webhook_can_be_delivered_more_than_once(
    mode: str, messenger: str, control: Any, bot: EchoBot
) -> None:
    resident = await Resident.create(control, messenger)
    await resident.allow()
    await resident.wait_until_delivered()
    bot.received.clear()
    await control.add_fault(Fault(messenger, mode, copies=3))
    await resident.say("раз")
    await resident.wait_until_delivered()
    assert len(bot.received) == 3
    assert len({request.content for request in bot.received}) == 1
    await resident.say("два")
    await resident.wait_until_delivered()
    assert len(bot.received) == 4


async def test_any_status_of_viber_can_be_forced(emulator: Emulator, viber: Any) -> None:
    for code in sorted(set(STATUS) - {0}):
        await emulator.add_fault(Fault("viber", "error", code=code, method="send_message"))
        assert (await viber("get_account_info"))["status"] == 0
        answer = await viber("send_message", {"receiver": "a"})
        assert (answer["status"], answer["status_message"]) == (code, STATUS[code])
        assert (await viber("send_message", {"receiver": "a"}))["status"] == 5


@pytest.mark.parametrize("mode", API_MODES)
async def test_calls_fail_as_ordered_and_take_effect_only_if_accepted(
    mode: str, emulator: Emulator, vk: Any
) -> None:
    resident = await Resident.create(emulator, "vk")
    await resident.allow()
    await emulator.add_fault(Fault("vk", mode, code=10, status=503, seconds=0.01))
    message = {"peer_id": resident.user_id, "random_id": 4, "message": "Да"}
    if mode == "error":
        assert (await vk("messages.send", **message))["error"]["error_code"] == 10
    else:
        with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError, ValueError)):
            await vk("messages.send", **message)
    shown = ["Да"] if mode.startswith("accept") else []
    assert await resident.answers() == shown
    assert "response" in await vk("messages.send", **message)
    assert await resident.answers() == ["Да"]


def test_an_unknown_fault_is_named() -> None:
    with pytest.raises(UnknownFault, match="at_once"):
        Fault("vk", "explode")
    with pytest.raises(UnknownFault, match="viber or vk"):
        Fault("icq", "error")


async def test_repeated_messages_are_found(emulator: Emulator, viber: Any) -> None:
    resident = await Resident.create(emulator, "viber")
    await resident.allow()
    message = {"receiver": resident.user_id, "type": "text", "text": "Да", "sender": {"name": "a"}}
    await viber("send_message", message)
    assert await resident.duplicates() == []
    await viber("send_message", message)
    assert [shown.text for shown in await resident.duplicates()] == ["Да"]


async def test_reset_forgets_people_and_logs_but_never_reuses_a_key(control: Any) -> None:
    first = await Resident.create(control, "vk")
    await first.say("Привет")
    await control.reset()
    assert (await control.residents(), await control.acknowledgements()) == ([], [])
    second = await Resident.create(control, "vk")
    assert second.key != first.key
    assert second.user_id != first.user_id


async def test_residents_are_limited() -> None:
    bot = EchoBot()
    async with Emulator(Options(port=0, max_residents=1), bot.transport) as emulator:
        await emulator.create_resident("vk")
        with pytest.raises(TooManyResidents):
            await emulator.create_resident("vk")


async def test_logs_are_bounded(emulator: Emulator, vk: Any) -> None:
    for number in range(1100):
        emulator.traffic.log(
            direction="to_bot",
            messenger="vk",
            path="/",
            headers={},
            body="я" * 20_000,
            status=200,
            answer=str(number),
            took=0,
            accepted=True,
        )
    assert len(emulator.traffic.exchanges) == 1000
    assert max(len(exchange.body) for exchange in emulator.traffic.exchanges) < 8100


async def test_several_emulators_run_in_one_process() -> None:
    bot = EchoBot()
    for _ in range(2):
        async with Emulator(Options(port=0), bot.transport) as one:
            async with Emulator(Options(port=0), bot.transport) as two:
                for each in (one, two):
                    control = HttpControl(each.url)
                    assert await control.residents() == []
                    await control.close()
