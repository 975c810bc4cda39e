"""What Viber's callbacks mean, hostile ones included."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.delivery.model import EventKind, IncomingEvent
from channels.fields import TEXT_LIMIT
from channels.viber.events import (
    DESCRIPTION_LIMIT,
    Failed,
    Ignored,
    Left,
    Opened,
    Received,
    is_genuine,
    parse,
)
from tests.channels.channel_samples import (
    NOW,
    VIBER_CONVERSATION_STARTED,
    VIBER_FAILED,
    VIBER_MESSAGE,
    VIBER_RECEIPTS,
    VIBER_SUBSCRIBED,
    VIBER_TOKEN,
    VIBER_UNSUBSCRIBED,
    VIBER_WEBHOOK,
    as_json,
    viber_message,
    viber_signature,
)
from tests.channels.hostile_json import broken


def event_of(callback) -> IncomingEvent:
    parsed = parse(callback, NOW)
    assert isinstance(parsed, Received), parsed
    return parsed.event


def test_text_carries_the_question_that_was_on_screen():
    assert event_of(VIBER_MESSAGE) == IncomingEvent(
        channel="viber",
        event_id="4912661846655238145",
        user_id="jc9HsWTZ2Yf2NkRZ8KcNug==",
        kind=EventKind.TEXT,
        received_at=NOW,
        text="Передать показания",
        question="q7",
    )


@pytest.mark.parametrize(
    "tracking_data", [None, "", 7, ["q7"], "q 7", "q7\n", "вопрос", "q" * 129, "<q>"]
)
def test_tracking_data_that_we_did_not_send_is_no_question(tracking_data):
    assert event_of(viber_message(tracking_data=tracking_data)).question is None


@pytest.mark.parametrize(
    "kind", ["picture", "video", "file", "contact", "location", "url", "sticker", "rich_media"]
)
def test_message_of_another_type_is_an_attachment(kind):
    event = event_of(viber_message(type=kind, text=None, media="https://dl.viber.com/x"))
    assert (event.kind, event.attachment) == (EventKind.ATTACHMENT, kind)


@pytest.mark.parametrize(
    "changes",
    [
        {"text": None},
        {"text": "  "},
        {"text": "\x00"},
        {"text": 7},
        {"type": None},
        {"type": 7},
        {"type": "DROP TABLE"},
    ],
    ids=str,
)
def test_message_in_which_nothing_can_be_read_is_an_empty_attachment(changes):
    event = event_of(viber_message(**changes))
    assert (event.kind, event.attachment) == (EventKind.ATTACHMENT, "empty")


def test_address_that_an_open_url_button_replies_with_stays_text():
    assert event_of(viber_message(text="https://example.ru")).kind is EventKind.TEXT


def test_text_is_bounded_and_storable():
    event = event_of(viber_message(text="5\x00\ud800" * 20_000))
    assert event.text == "5" * TEXT_LIMIT


def test_opened_chat_is_known_by_its_user():
    parsed = parse(VIBER_CONVERSATION_STARTED, NOW)
    assert isinstance(parsed, Opened)
    assert (parsed.event.kind, parsed.event.user_id) == (EventKind.OPENED, "01234567890A=")
    assert parsed.event.event_id == "4912661846655238146"


def test_left_and_failed_are_told_apart():
    assert parse(VIBER_UNSUBSCRIBED, NOW) == Left("jc9HsWTZ2Yf2NkRZ8KcNug==")
    assert parse(VIBER_FAILED, NOW) == Failed("4912661846655238149", "message validation failed")
    assert parse({"event": "failed", "desc": "x" * 9000}, NOW) == Failed(
        "", "x" * DESCRIPTION_LIMIT
    )


@pytest.mark.parametrize(
    "callback", [VIBER_WEBHOOK, VIBER_SUBSCRIBED, *VIBER_RECEIPTS, {"event": "client_status"}, {}]
)
def test_everything_else_is_ignored(callback):
    assert isinstance(parse(callback, NOW), Ignored)


@pytest.mark.parametrize(
    "sample",
    [VIBER_MESSAGE, VIBER_CONVERSATION_STARTED, VIBER_UNSUBSCRIBED, VIBER_FAILED],
    ids=lambda sample: sample["event"],
)
def test_hostile_callback_never_breaks_the_parser_and_never_yields_what_can_not_be_stored(sample):
    @settings(max_examples=100, deadline=None)
    @given(broken(sample))
    def check(callback):
        parsed = parse(callback, NOW)
        if isinstance(parsed, (Received, Opened)):
            event = parsed.event
            for value in (event.event_id, event.user_id, event.text, event.question):
                assert "\x00" not in (value or "")
                (value or "").encode("utf-8")
            assert event.user_id
            assert event.event_id
            assert event.kind is not EventKind.TEXT or event.text.strip()

    check()


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200), st.text(st.characters(codec=None), max_size=70))
def test_no_guessed_signature_fits(body, guess):
    assert is_genuine(body, viber_signature(body), VIBER_TOKEN)
    assert not is_genuine(body, guess, VIBER_TOKEN)


def test_signature_of_another_body_does_not_fit():
    signature = viber_signature(as_json(VIBER_MESSAGE))
    assert not is_genuine(as_json(VIBER_WEBHOOK), signature, VIBER_TOKEN)
    assert not is_genuine(as_json(VIBER_MESSAGE), signature.upper(), VIBER_TOKEN)
