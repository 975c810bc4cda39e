"""VK as the emulator plays it: every documented check, events, keyboards and photos."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from vkbottle_types.events import bot_events

from demo.emulator.client import Resident
from demo.emulator.emulator import Emulator
from demo.emulator.samples import METER_PHOTO
from tests.demo.emulator.echo_bot import EchoBot


def button(kind: str = "text", color: str | None = None, **action: Any) -> dict[str, Any]:
    made: dict[str, Any] = {"action": {"type": kind, "label": "Да", **action}}
    return {**made, "color": color} if color else made


def board(*rows: list[dict[str, Any]], **flags: Any) -> str:
    return json.dumps({"buttons": list(rows), **flags})


BAD_KEYBOARDS = {
    "no JSON": "{",
    "no buttons": "{}",
    "inline as text": board([button()], inline="yes"),
    "an empty label": board([button(label="")]),
    "a label of 41": board([button(label="a" * 41)]),
    "a payload that is an object": board([button(payload={"b": 1})]),
    "a payload that is null": board([button(payload=None)]),
    "a payload of 256": board([button(payload=json.dumps({"b": "a" * 250}))]),
    "a payload that is a list": board([button(payload="[1]")]),
    "an unknown colour": board([button("text", "pink")]),
    "a colour on a link": board([button("open_link", "primary", link="https://a.ru")]),
    "an unknown action": board([button("dance")]),
    "a link without an address": board([button("open_link")]),
    "six columns": board([button()] * 6),
    "eleven rows": board(*[[button()]] * 11),
    "forty-one buttons": board(*[[button()] * 5] * 8, [button()]),
    "seven inline rows": board(*[[button()]] * 7, inline=True),
    "eleven inline buttons": board(*[[button()] * 3] * 3, [button()] * 2, inline=True),
    "a place that shares its row": board([button("location"), button()]),
    "an empty row": board([]),
    "a button that is text": json.dumps({"buttons": [["Да"]]}),
}


async def test_the_call_itself_is_checked(
    vk: Any, emulator: Emulator, resident: Resident, http: httpx.AsyncClient
) -> None:
    good = {"peer_id": resident.user_id, "random_id": 1, "message": "Да"}
    codes = {
        3: await vk("messages.sing", **good),
        5: await vk("messages.send", **good, access_token=None),
        8: await vk("messages.send", **good, v=None),
        100: await vk("messages.send", **{**good, "random_id": None}),
        901: await vk("messages.send", **{**good, "peer_id": 1}),
        914: await vk("messages.send", **{**good, "message": "a" * 4097}),
    }
    assert {code: answer["error"]["error_code"] for code, answer in codes.items()} == {
        code: code for code in codes
    }
    url = f"{emulator.vk_api_url}/messages.send"
    as_json = await http.post(url, json={**good, "v": "5.199"})
    assert as_json.json()["error"]["error_code"] == 8
    headers = {"Authorization": f"Bearer {emulator.options.vk_token}"}
    fields = {name: (None, str(value)) for name, value in {**good, "v": "5.199"}.items()}
    assert "response" in (await http.post(url, files=fields, headers=headers)).json()


@pytest.mark.parametrize(
    "wrong",
    [
        {"random_id": 2**31},
        {"random_id": "a"},
        {"message": ""},
        {"peer_id": "x"},
        {"attachment": "photo1_1"},
    ],
)
async def test_a_wrong_parameter_is_error_100(
    wrong: dict[str, Any], vk: Any, resident: Resident
) -> None:
    good = {"peer_id": resident.user_id, "random_id": 1, "message": "Да"}
    assert (await vk("messages.send", **{**good, **wrong}))["error"]["error_code"] == 100


@pytest.mark.parametrize("name", BAD_KEYBOARDS)
async def test_a_keyboard_is_refused_for(name: str, vk: Any, resident: Resident) -> None:
    answer = await vk(
        "messages.send",
        peer_id=resident.user_id,
        random_id=1,
        message="Да",
        keyboard=BAD_KEYBOARDS[name],
    )
    assert answer["error"]["error_code"] == 911
    assert answer["error"]["error_msg"].startswith("Keyboard format is invalid")
    assert await resident.messages() == []


async def test_the_token_is_not_repeated_in_an_error(vk: Any, emulator: Emulator) -> None:
    answer = await vk("messages.send")
    assert emulator.options.vk_token not in json.dumps(answer)
    logged = [exchange.to_json() for exchange in emulator.traffic.exchanges]
    assert emulator.options.vk_token not in json.dumps(logged)


async def test_a_repeated_random_id_shows_nothing_new(vk: Any, resident: Resident) -> None:
    same = {"peer_id": resident.user_id, "random_id": 77}
    first = await vk("messages.send", **same, message="раз")
    assert first == await vk("messages.send", **same, message="раз")
    assert await resident.answers() == ["раз"]
    same["random_id"] = 0
    for _ in range(2):
        await vk("messages.send", **same, message="ноль")
    assert await resident.answers() == ["раз", "ноль", "ноль"]


async def test_the_twenty_first_call_of_a_second_is_too_many(vk: Any, emulator: Emulator) -> None:
    emulator.vk_api._now = lambda: 1000.0
    answers = [await vk("users.get", user_ids="1") for _ in range(21)]
    assert ["error" in answer for answer in answers] == [False] * 20 + [True]
    assert answers[-1]["error"]["error_code"] == 6


async def test_several_receivers_get_an_answer_each(vk: Any, resident: Resident) -> None:
    answer = await vk(
        "messages.send", peer_ids=f"{resident.user_id},1", random_id=5, message="всем"
    )
    assert [r["error"]["code"] for r in answer["response"] if "error" in r] == [901]
    assert await resident.answers() == ["всем"]


async def test_events_are_readable_for_vkbottle(emulator: Emulator, bot: EchoBot, vk: Any) -> None:
    resident = await Resident.create(emulator, "vk")
    await resident.open()
    await resident.wait_for_answer()
    await resident.say("7060000001")
    await resident.wait_for_answer()
    await resident.press("Мои счета")
    for kind in ("sticker", "picture", "voice", "location"):
        await resident.send(kind)
    await resident.deny()
    await resident.wait_until_delivered()
    events = bot.bodies()
    assert [event["type"] for event in events[:3]] == [
        "message_allow",
        "message_new",
        "message_new",
    ]
    assert events[-1]["type"] == "message_deny"
    models = {
        "message_new": bot_events.MessageNew,
        "message_allow": bot_events.MessageAllow,
        "message_deny": bot_events.MessageDeny,
    }
    for event in events:
        models[event["type"]].parse_obj(event)
        assert event["secret"] == emulator.options.vk_secret
        assert (event["v"], event["group_id"]) == ("5.199", emulator.options.vk_group_id)
    assert len({event["event_id"] for event in events}) == len(events)
    messages = [event["object"]["message"] for event in events if event["type"] == "message_new"]
    assert json.loads(messages[0]["payload"]) == {"command": "start"}
    assert "payload" not in messages[1]
    assert json.loads(messages[2]["payload"]) == {"button": 1}


async def test_a_callback_button_waits_for_its_answer(
    vk: Any, resident: Resident, bot: EchoBot
) -> None:
    keyboard = board([button("callback", "primary", payload='{"c": 1}')], inline=True)
    await vk("messages.send", peer_id=resident.user_id, random_id=1, message="?", keyboard=keyboard)
    await resident.press("Да")
    await resident.wait_until_delivered()
    event = bot.bodies()[-1]
    bot_events.MessageEvent.parse_obj(event)
    assert event["object"]["payload"] == {"c": 1}
    assert event["object"]["conversation_message_id"] == 1
    answer = {
        "event_id": event["object"]["event_id"],
        "user_id": resident.user_id,
        "peer_id": resident.user_id,
    }
    snackbar = json.dumps({"type": "show_snackbar", "text": "Готово"})
    done = await vk("messages.sendMessageEventAnswer", **answer, event_data=snackbar)
    assert done == {"response": 1}
    assert (await resident.state()).snackbar == "Готово"
    again = await vk("messages.sendMessageEventAnswer", **answer)
    assert again["error"]["error_code"] == 100


async def test_a_one_time_keyboard_goes_after_a_press_and_an_empty_one_hides_it(
    vk: Any, resident: Resident
) -> None:
    def send(number: int, keyboard: str) -> Any:
        return vk(
            "messages.send",
            peer_id=resident.user_id,
            random_id=number,
            message="?",
            keyboard=keyboard,
        )

    await send(1, board([button()], one_time=True))
    await resident.press("Да")
    assert (await resident.state()).keyboard is None
    await send(2, board([button()]))
    assert (await resident.state()).keyboard is not None
    await send(3, board())
    assert (await resident.state()).keyboard is None


async def test_a_photo_is_uploaded_saved_and_shown(
    vk: Any, resident: Resident, emulator: Emulator, http: httpx.AsyncClient
) -> None:
    server = (await vk("photos.getMessagesUploadServer"))["response"]
    upload = await http.post(server["upload_url"], files={"photo": ("a.png", METER_PHOTO)})
    saved = (await vk("photos.saveMessagesPhoto", **upload.json()))["response"][0]
    attachment = f"photo{saved['owner_id']}_{saved['id']}_{saved['access_key']}"
    await vk(
        "messages.send", peer_id=resident.user_id, random_id=1, message="", attachment=attachment
    )
    shown = await resident.wait_for_answer()
    assert (await http.get(f"{emulator.url}{shown.picture}")).content == METER_PHOTO
    broken = await http.post(server["upload_url"], files={"photo": ("a.png", b"no picture")})
    assert (await vk("photos.saveMessagesPhoto", **broken.json()))["error"]["error_code"] == 100


async def test_the_callback_server_is_confirmed_before_it_gets_events(
    vk: Any, emulator: Emulator, bot: EchoBot
) -> None:
    group = {"group_id": emulator.options.vk_group_id}
    assert (await vk("groups.getCallbackConfirmationCode", **group))["response"] == {
        "code": "confirmed"
    }
    assert (await vk("groups.getCallbackConfirmationCode", group_id=9))["error"]["error_code"] == 15
    bot.answers = ["wrong"]
    added = {"url": "http://bot/vk", "title": "bot", "secret_key": "new"}
    number = (await vk("groups.addCallbackServer", **group, **added))["response"]["server_id"]
    assert await _status(vk, group) == "failed"
    await vk("groups.editCallbackServer", **group, **added, server_id=number)
    assert await _status(vk, group) == "ok"
    await vk("groups.setCallbackSettings", **group, server_id=number, message_allow=0)
    resident = await Resident.create(emulator, "vk")
    await resident.say("Привет")
    await resident.wait_until_delivered()
    assert (bot.bodies()[-1]["type"], bot.bodies()[-1]["secret"]) == ("message_new", "new")
    assert "message_allow" not in [body["type"] for body in bot.bodies()]


async def _status(vk: Any, group: dict[str, int]) -> str:
    while True:
        servers = (await vk("groups.getCallbackServers", **group))["response"]["items"]
        if servers[0]["status"] != "wait":
            return str(servers[0]["status"])
