"""The conversation's row: short, yet the same slots, form and last turns come back from it."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    ActiveLoop,
    BotUttered,
    Event,
    SlotSet,
    UserUttered,
    deserialise_events,
)
from rasa.shared.core.trackers import DialogueStateTracker

from backend.delivery.model import EventKind, IncomingEvent
from backend.delivery.turn import Turn
from server.conversation import KEPT_TURNS, ConversationStore, condense, current_turn
from server.event_log import KEPT_RANKING

DOMAIN = Domain.from_dict(
    {
        "intents": ["greet"],
        "slots": {
            "readings": {"type": "any", "mappings": [{"type": "custom"}]},
            "account": {"type": "text", "mappings": [{"type": "custom"}]},
            "linked": {"type": "bool", "initial_value": False, "mappings": [{"type": "custom"}]},
        },
        "forms": {"some_form": {"required_slots": ["account"]}},
    }
)


def user(text: str, ranking: int = 10) -> UserUttered:
    parse_data = {
        "intent": {"name": "greet", "confidence": 0.9},
        "entities": [],
        "intent_ranking": [{"name": f"i{n}", "confidence": 0.123456} for n in range(ranking)],
        "text_tokens": [[0, 3]],
        "response_selector": {"a": "b"},
        "text": text,
    }
    return UserUttered(text, {"name": "greet", "confidence": 0.9}, [], parse_data)  # type: ignore[arg-type]


def turn_events(text: str, *changes: Event) -> list[Event]:
    return [user(text), *changes, ActionExecuted("action_listen")]


def tracker(events: list[Event], sender: str = "vk:1") -> DialogueStateTracker:
    return DialogueStateTracker.from_events(sender, events, DOMAIN.slots)


def turn(events: list[dict[str, Any]] | None = None) -> Turn:
    event = IncomingEvent("vk", "e", "1", EventKind.TEXT, datetime.now(timezone.utc), "привет")
    return Turn(event, 1, events or [], [])


@pytest.fixture
def under_way() -> Any:
    one = turn()
    token = current_turn.set(one)
    yield one
    current_turn.reset(token)


CHANGES = st.one_of(
    st.builds(SlotSet, st.just("account"), st.one_of(st.none(), st.text(max_size=5))),
    st.builds(SlotSet, st.just("linked"), st.booleans()),
    st.builds(
        SlotSet, st.just("readings"), st.dictionaries(st.text(max_size=3), st.text(max_size=3))
    ),
    st.builds(ActiveLoop, st.sampled_from([None, "some_form"])),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(CHANGES, max_size=3), max_size=9))
def test_the_condensed_conversation_has_the_same_slots_form_and_last_turns(
    turns: list[list[Event]],
) -> None:
    events = [
        event
        for number, changes in enumerate(turns)
        for event in turn_events(str(number), *changes)
    ]
    before, after = tracker(events), tracker(condense(events, DOMAIN))
    assert before.current_slot_values() == after.current_slot_values()
    assert before.active_loop_name == after.active_loop_name
    assert before.latest_action_name == after.latest_action_name
    texts = [event.text for event in after.events if isinstance(event, UserUttered)]
    assert texts == [str(number) for number in range(len(turns))][-KEPT_TURNS:]


def test_of_earlier_turns_only_as_many_are_kept_as_stories_look_back() -> None:
    actions = [ActionExecuted(name) for name in ("action_a", "action_b", "action_c")]
    events = [event for number in range(5) for event in turn_events(str(number), *actions)]
    after = tracker(condense(events, DOMAIN))
    assert [event.text for event in after.events if isinstance(event, UserUttered)] == ["4"]


def test_the_row_does_not_grow_with_the_conversation() -> None:
    events: list[Event] = []
    sizes = []
    for number in range(30):
        events += turn_events(str(number), SlotSet("account", str(number)))
        events = condense(events, DOMAIN)
        sizes.append(len(events))
    assert len(set(sizes[KEPT_TURNS:])) == 1


async def test_what_is_saved_comes_back(under_way: Turn) -> None:
    store = ConversationStore(DOMAIN)
    events = turn_events("56578", SlotSet("readings", {"m-1": "56578"}), ActiveLoop("some_form"))
    await store.save(tracker(events))
    assert under_way.saved
    under_way.events = json.loads(json.dumps(under_way.events))
    found = await store.retrieve("vk:1")
    assert found is not None
    assert found.get_slot("readings") == {"m-1": "56578"}
    assert found.active_loop_name == "some_form"


async def test_a_new_resident_has_no_conversation(under_way: Turn) -> None:
    assert await ConversationStore(DOMAIN).retrieve("vk:1") is None


async def test_only_the_turns_own_resident_is_read_or_written(under_way: Turn) -> None:
    store = ConversationStore(DOMAIN)
    with pytest.raises(RuntimeError):
        await store.retrieve("vk:2")
    with pytest.raises(RuntimeError):
        await store.save(tracker([], "viber:1"))
    assert not under_way.saved


async def test_outside_a_turn_nothing_is_read_or_written() -> None:
    store = ConversationStore(DOMAIN)
    with pytest.raises(RuntimeError):
        await store.retrieve("vk:1")
    with pytest.raises(RuntimeError):
        await store.save(tracker([]))


async def test_the_row_keeps_only_the_head_of_the_ranking(under_way: Turn) -> None:
    await ConversationStore(DOMAIN).save(tracker(turn_events("привет")))
    (stored,) = [event for event in under_way.events if event["event"] == "user"]
    assert len(stored["parse_data"]["intent_ranking"]) == KEPT_RANKING
    assert not {"text_tokens", "response_selector"} & set(stored["parse_data"])
    assert deserialise_events([stored])


async def test_the_log_tells_the_last_turn_with_numbers_masked(under_way: Turn) -> None:
    events = [
        *turn_events("раньше"),
        user("мой счёт 7060012345"),
        ActionExecuted("action_link_account", policy="RulePolicy"),
        BotUttered("Лицевой счёт 7060012345 привязан.", metadata={"utter_action": "utter_x"}),
        ActionExecuted("action_listen"),
    ]
    await ConversationStore(DOMAIN).save(tracker(events))
    assert [entry["kind"] for entry in under_way.log] == ["user", "action", "bot"]
    written = json.dumps(under_way.log, ensure_ascii=False)
    assert "7060012345" not in written
    assert "•••45" in written
    assert under_way.log[2]["response"] == "utter_x"


async def test_a_picture_is_left_to_the_outbox(under_way: Turn) -> None:
    said = BotUttered("Расход", {"custom": {"picture": "x" * 100_000}, "buttons": None})
    await ConversationStore(DOMAIN).save(tracker(turn_events("мои показания", said)))
    assert len(json.dumps(under_way.events)) < 5000
    found = await ConversationStore(DOMAIN).retrieve("vk:1")
    assert found is not None
    assert [event.text for event in found.events if isinstance(event, BotUttered)] == ["Расход"]
