"""What VK's events mean, hostile ones included."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.delivery.model import EventKind, IncomingEvent
from channels.fields import TEXT_LIMIT
from channels.vk.events import (
    WRAPPING_DEPTH,
    CallbackPress,
    Confirmation,
    Ignored,
    Left,
    Received,
    VkAccount,
    is_genuine,
    parse,
)
from tests.channels.channel_samples import (
    NOW,
    VK_GROUP,
    VK_MESSAGE_EVENT,
    VK_MESSAGE_NEW,
    VK_SECRET,
    vk_message,
)
from tests.channels.hostile_json import broken


def event_of(envelope) -> IncomingEvent:
    parsed = parse(envelope, NOW)
    assert isinstance(parsed, Received), parsed
    return parsed.event


def wrapped(payload: str, times: int) -> str:
    for _ in range(times):
        payload = json.dumps(
            {"command": "not_supported_button", "button_type": "callback", "payload": payload}
        )
    return payload


def test_typed_text_is_text():
    event = event_of(vk_message(text="показания 56578"))
    assert event == IncomingEvent(
        channel="vk",
        event_id=f"{VK_GROUP}:0f1a2b3c",
        user_id="743784474",
        kind=EventKind.TEXT,
        received_at=NOW,
        text="показания 56578",
    )


def test_start_button_is_a_start():
    event = event_of(VK_MESSAGE_NEW)
    assert (event.kind, event.text, event.button) == (EventKind.START, "Начать", None)


def test_our_button_brings_its_token_back_and_keeps_the_caption():
    event = event_of(vk_message(text="Мои счета", payload='{"b":"12.1"}'))
    assert (event.kind, event.button, event.text) == (EventKind.BUTTON, "12.1", "Мои счета")


@pytest.mark.parametrize("times", [1, 2, WRAPPING_DEPTH])
def test_payload_wrapped_by_a_client_without_callback_buttons_is_unwrapped(times):
    assert event_of(vk_message(payload=wrapped('{"b":"12.1"}', times))).button == "12.1"


def test_payload_wrapped_too_often_is_no_button():
    event = event_of(vk_message(payload=wrapped('{"b":"12.1"}', WRAPPING_DEPTH + 1)))
    assert (event.kind, event.button) == (EventKind.TEXT, None)


@pytest.mark.parametrize(
    "payload",
    [
        "",
        "{",
        "[]",
        "null",
        "7",
        '"b"',
        "{}",
        '{"b":1}',
        '{"b":""}',
        '{"b":["12.1"]}',
        '{"b":"/restart"}',
        '{"b":"12.1\\n"}',
        json.dumps({"b": "1" * 129}),
        '{"command":"other"}',
        '{"command":["start"]}',
        '{"c":"/affirm"}',
        "[" * 100_000,
        '{"b":' * 20_000,
        None,
        7,
        ["12.1"],
    ],
    ids=lambda payload: repr(payload)[:20],
)
def test_forged_or_foreign_payload_leaves_the_text(payload):
    event = event_of(vk_message(text="привет", payload=payload))
    assert (event.kind, event.text, event.button) == (EventKind.TEXT, "привет", None)


def test_payload_given_as_an_object_is_read_too():
    assert event_of(vk_message(payload={"b": "12.1"})).button == "12.1"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"out": 1}, "our own"),
        ({"from_id": -VK_GROUP}, "person"),
        ({"from_id": 0}, "person"),
        ({"from_id": "743784474"}, "person"),
        ({"from_id": True}, "person"),
        ({"from_id": 1e9}, "person"),
        ({"from_id": 10**30}, "person"),
        ({"peer_id": 2_000_000_001}, "private"),
        ({"peer_id": -1}, "private"),
        ({"peer_id": "743784474"}, "private"),
        ({"action": {"type": "chat_invite_user"}}, "service"),
    ],
    ids=str,
)
def test_message_that_no_resident_wrote_to_us_is_ignored(changes, reason):
    parsed = parse(vk_message(**changes), NOW)
    assert isinstance(parsed, Ignored)
    assert reason in parsed.reason


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"attachments": [{"type": "photo", "photo": {"sizes": []}}]}, "photo"),
        ({"attachments": [{"type": "sticker", "sticker": {}}]}, "sticker"),
        ({"attachments": [{"type": "audio_message", "audio_message": {}}]}, "audio_message"),
        ({"attachments": [{"type": "doc"}, {"type": "photo"}]}, "doc"),
        ({"attachments": ["photo", {"type": 7}, {"type": "Wall/../"}]}, "empty"),
        ({"attachments": "photo"}, "empty"),
        ({"geo": {"coordinates": {"latitude": 1, "longitude": 1}}}, "geo"),
        ({"fwd_messages": [{"text": "x"}]}, "forward"),
        ({"text": None}, "empty"),
        ({"text": " \n\x00"}, "empty"),
    ],
    ids=str,
)
def test_message_without_text_is_an_attachment_named_by_one_word(changes, kind):
    event = event_of(vk_message(**({"text": ""} | changes)))
    assert (event.kind, event.attachment) == (EventKind.ATTACHMENT, kind)


def test_text_with_an_attachment_is_text():
    event = event_of(vk_message(text="вот фото", attachments=[{"type": "photo"}]))
    assert (event.kind, event.text, event.attachment) == (EventKind.TEXT, "вот фото", None)


def test_characters_that_can_not_be_stored_are_dropped():
    assert event_of(vk_message(text="5\x00657\ud83d8")).text == "56578"


def test_text_is_bounded():
    assert len(event_of(vk_message(text="я" * 100_000)).text) == TEXT_LIMIT


def test_event_without_its_id_is_known_by_the_messages_id():
    envelope = vk_message()
    del envelope["event_id"]
    first = event_of(envelope)
    assert first.event_id == event_of(envelope).event_id
    assert first.event_id != event_of(vk_message()).event_id
    message = envelope["object"]["message"]
    message["conversation_message_id"] = 8
    second = event_of(envelope)
    del message["conversation_message_id"]
    third = event_of(envelope)
    message["id"] = 11
    assert len({first.event_id, second.event_id, third.event_id, event_of(envelope).event_id}) == 4
    del message["id"]
    assert isinstance(parse(envelope, NOW), Ignored)


@pytest.mark.parametrize("payload", [{"b": "q7.1"}, '{"b":"q7.1"}'])
def test_callback_button_is_a_button_to_be_answered(payload):
    envelope = VK_MESSAGE_EVENT | {"object": VK_MESSAGE_EVENT["object"] | {"payload": payload}}
    parsed = parse(envelope, NOW)
    assert isinstance(parsed, Received)
    assert (parsed.event.kind, parsed.event.button) == (EventKind.BUTTON, "q7.1")
    assert parsed.event.event_id == f"{VK_GROUP}:5fff0000"
    assert parsed.press == CallbackPress("a63ab5923e8c", "743784474")


def test_callback_button_without_a_message_id_is_taken():
    content = dict(VK_MESSAGE_EVENT["object"])
    del content["conversation_message_id"]
    assert event_of(VK_MESSAGE_EVENT | {"object": content}).button == "q7.1"


def test_foreign_callback_button_is_answered_and_ignored():
    content = VK_MESSAGE_EVENT["object"] | {"payload": {"c": "/tariffs"}}
    parsed = parse(VK_MESSAGE_EVENT | {"object": content}, NOW)
    assert isinstance(parsed, Ignored)
    assert parsed.press == CallbackPress("a63ab5923e8c", "743784474")


def test_callback_button_in_a_chat_is_ignored():
    content = VK_MESSAGE_EVENT["object"] | {"peer_id": 2_000_000_001}
    assert parse(VK_MESSAGE_EVENT | {"object": content}, NOW) == Ignored(
        "a button pressed outside a private conversation"
    )


def test_other_types_are_told_apart():
    assert parse({"type": "confirmation"}, NOW) == Confirmation()
    assert parse({"type": "message_deny", "object": {"user_id": 5}}, NOW) == Left("5")
    assert isinstance(parse({"type": "message_allow", "object": {"user_id": 5}}, NOW), Ignored)
    assert isinstance(parse({}, NOW), Ignored)


@pytest.mark.parametrize("sample", [VK_MESSAGE_NEW, VK_MESSAGE_EVENT], ids=["message", "press"])
def test_hostile_event_never_breaks_the_parser_and_never_yields_what_can_not_be_stored(sample):
    @settings(max_examples=150, deadline=None)
    @given(broken(sample))
    def check(envelope):
        is_genuine(envelope, VkAccount(VK_GROUP, VK_SECRET, "c"))
        parsed = parse(envelope, NOW)
        if isinstance(parsed, Received):
            event = parsed.event
            assert event.user_id.isdecimal()
            assert int(event.user_id) > 0
            for value in (event.event_id, event.text, event.button, event.attachment):
                assert "\x00" not in (value or "")
                (value or "").encode("utf-8")
            assert event.kind is not EventKind.TEXT or event.text.strip()
            assert (event.kind is EventKind.BUTTON) == (event.button is not None)
            assert (event.kind is EventKind.ATTACHMENT) == (event.attachment is not None)

    check()


@settings(max_examples=100, deadline=None)
@given(st.text(st.characters(codec=None), max_size=100))
def test_text_loses_nothing_that_can_be_stored(text):
    envelope = vk_message(text=text)
    expected = "".join(c for c in text if c != "\x00" and not "\ud800" <= c <= "\udfff")
    assert event_of(envelope).text == expected


def test_recorded_message_is_read_alike_by_an_independent_library():
    from vkbottle_types.events.bot_events import MessageEvent, MessageNew

    theirs = MessageNew(**VK_MESSAGE_NEW).object.message
    ours = event_of(VK_MESSAGE_NEW)
    assert (str(theirs.from_id), theirs.text) == (ours.user_id, ours.text)
    assert theirs.payload == VK_MESSAGE_NEW["object"]["message"]["payload"]
    pressed = MessageEvent(**VK_MESSAGE_EVENT).object
    assert str(pressed.user_id) == event_of(VK_MESSAGE_EVENT).user_id
    assert pressed.event_id == "a63ab5923e8c"
