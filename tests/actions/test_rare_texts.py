"""Texts that few residents ever see: each is said at the right moment and reads well."""

from __future__ import annotations

from datetime import date
from decimal import Decimal as D
from typing import Any

import pytest

from backend.billing.model import AcceptedReading
from tests.actions.action_fakes import ONE, THREE, FakeAccounts, FakeBilling
from tests.actions.action_talk import Talk, load_domain

FORM = "submit_readings_form"
NAMES = sorted(load_domain()["responses"])
WISHES = [name for name in NAMES if name.startswith("utter_wish_")]
WAYS = [name for name in NAMES if name.startswith("utter_history_channel_")]


@pytest.mark.parametrize("caption", WISHES)
async def test_every_wish_can_be_offered_under_its_own_name(
    talk: Talk, domain: dict[str, Any], caption: str
) -> None:
    wish = caption.removeprefix("utter_wish_")
    await talk.act("action_ask_what_was_meant", "ыыы", "nlu_fallback", (wish,))
    offered = talk.one("utter_what_was_meant").buttons
    assert offered[domain["responses"][caption][0]["text"]] == f"/{wish}"


async def test_a_sticker_is_told_to_be_unreadable(talk: Talk) -> None:
    await talk.act("action_unsupported_message", intent="unsupported_message")
    assert talk.responses == ["utter_unsupported_message"]


async def test_a_number_with_holes_is_not_guessed(talk: Talk, accounts: FakeAccounts) -> None:
    accounts.linked["vk:1"] = [ONE]
    await talk.open(FORM)
    await talk.say("1 234 5")
    assert "«1 234 5»" in talk.one("utter_reading_ambiguous").text
    assert not talk.slots["readings"]


async def test_a_number_that_fits_no_meter_is_named_and_the_other_is_kept(
    talk: Talk, accounts: FakeAccounts
) -> None:
    accounts.linked["vk:1"] = [ONE]
    await talk.open(FORM)
    await talk.say("кухня 56580 ванна 270")
    assert talk.one("utter_reading_which_meter").variables["value"] == "270"
    assert talk.slots["readings"] == {"m-1": "56580"}


async def test_a_sum_that_disagrees_is_told_and_the_readings_are_kept(
    talk: Talk, accounts: FakeAccounts
) -> None:
    accounts.linked["vk:1"] = [THREE]
    await talk.open(FORM)
    await talk.say("кухня 172,5 ванна 270 всего 900")
    assert "utter_reading_sum_disagrees" in talk.responses
    assert set(talk.slots["readings"]) == {"k", "b"}


@pytest.mark.parametrize("way", [name.rpartition("_")[2] for name in WAYS])
async def test_history_says_by_which_way_a_reading_came(
    talk: Talk, accounts: FakeAccounts, billing: FakeBilling, domain: dict[str, Any], way: str
) -> None:
    accounts.linked["vk:1"] = [ONE]
    day = date(2019, 12, 20)
    billing.histories[ONE] = (AcceptedReading("m-1", "1710051", D("56590"), day, True, way),)
    await talk.act("action_find_history_account", intent="ask_previous_reading")
    await talk.then("action_show_history")
    said = "\n".join(one.text for one in talk.heard)
    assert domain["responses"][f"utter_history_channel_{way}"][0]["text"] in said
