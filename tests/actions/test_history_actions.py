"""«Мои показания»: whose, the lists, the chart or its table, the receipts."""

from __future__ import annotations

import base64
from dataclasses import replace
from datetime import date, datetime, timezone
from decimal import Decimal as D

import pytest

from backend.billing.model import AcceptedReading
from backend.history.model import Standing, SubmissionRecord
from backend.readings.outcomes import ConfirmedReading
from tests.actions.action_fakes import (
    BATH,
    HEATING,
    KITCHEN,
    ONE,
    THREE,
    FakeAccounts,
    FakeBilling,
    FakeCharts,
    FakeReceipts,
)
from tests.actions.action_talk import Talk

ASK = "ask_previous_reading"
FORM = "select_history_form"
AT = datetime(2019, 12, 20, 13, 26, tzinfo=timezone.utc)  # 16:26 in Moscow


def reading(
    value: str,
    day: str,
    *,
    meter: str = "m-1",
    number: str = "1710051",
    counts: bool = True,
    channel: str | None = None,
) -> AcceptedReading:
    return AcceptedReading(meter, number, D(value), date.fromisoformat(day), counts, channel)


TWO_READINGS = (reading("56590.5", "2019-12-20", channel="vk"), reading("56578", "2019-11-03"))


@pytest.fixture
def known(talk: Talk, accounts: FakeAccounts, billing: FakeBilling) -> Talk:
    accounts.linked["vk:1"] = [ONE]
    billing.histories[ONE] = TWO_READINGS
    return talk


@pytest.fixture
def several(known: Talk, accounts: FakeAccounts, billing: FakeBilling) -> Talk:
    accounts.linked["vk:1"].append(THREE)
    billing.histories[THREE] = ()
    return known


async def look(talk: Talk) -> Talk:
    await talk.act("action_find_history_account", intent=ASK)
    return await talk.then("action_show_history")


async def test_the_only_account_needs_no_choice(known: Talk) -> None:
    await look(known)
    assert known.slots["has_history_account"] is True
    assert known.one("utter_history").text.splitlines() == [
        f"Лицевой счёт {ONE}, последние показания:",
        "",
        "ГВС №1710051",
        "20.12.2019 — 56590,5 (расход 12,5 м³; через VK)",
        "03.11.2019 — 56578",
    ]


async def test_of_several_accounts_one_is_chosen_by_button(several: Talk) -> None:
    await several.act("action_find_history_account", intent=ASK)
    assert several.slots["has_history_account"] is False
    await several.open(FORM, intent=ASK)
    question = several.one("utter_ask_history_account")
    assert list(question.buttons) == [ONE, THREE, "Отмена"]
    await several.press(question.buttons[THREE])
    assert several.loop is None
    await several.then("action_show_history")
    assert several.one("utter_history_none").variables["account"] == THREE
    assert several.slots["history_account"] is None


@pytest.mark.parametrize("words", [ONE, "1", "1."])
async def test_the_account_may_be_typed(several: Talk, words: str) -> None:
    await several.open(FORM, intent=ASK)
    await several.say(words)
    assert several.slots["history_account"] == ONE


async def test_an_account_that_is_not_linked_is_never_shown(several: Talk) -> None:
    await several.open(FORM, intent=ASK)
    await several.say("7060999999")
    assert several.responses == ["utter_account_not_linked", "utter_ask_history_account"]
    await several.press('/select_account{"account": "7060999999"}')
    assert several.slots["history_account"] is None
    await several.say("7060999999")
    assert "utter_failed_three_times" in several.responses


async def test_another_wish_leaves_the_choice(several: Talk) -> None:
    await several.open(FORM, intent=ASK)
    await several.say("какой долг", intent="ask_balance_or_payment")
    assert several.rejected


async def test_a_stranger_is_asked_for_an_account(talk: Talk) -> None:
    await look(talk)
    assert talk.responses == []
    await talk.then("action_continue")
    assert talk.followup == "link_account_form"


async def test_while_a_reading_is_asked_for_only_the_list_of_that_account_is_shown(
    several: Talk, receipts: FakeReceipts, charts: FakeCharts
) -> None:
    receipts.kept["vk:1", ONE] = (SubmissionRecord(Standing.WAITING, AT, ()),)
    await several.open("submit_readings_form")
    await several.press(f'/select_account{{"account": "{ONE}"}}')
    assert several.asked == "reading"
    await look(several)
    assert several.responses == ["utter_history"]
    assert several.slots["submission_account"] == ONE
    assert (several.loop, several.asked) == ("submit_readings_form", "reading")
    assert charts.drawn == []


async def test_a_question_that_is_about_no_account_yet_is_left(several: Talk) -> None:
    await several.open("submit_readings_form")
    assert several.asked == "submission_account"
    await several.act("action_find_history_account", intent=ASK)
    assert several.slots["has_history_account"] is False
    assert (several.loop, several.asked) == (None, None)


async def test_readings_are_listed_by_meter_with_their_places(
    several: Talk, billing: FakeBilling
) -> None:
    billing.histories[THREE] = (
        reading("20", "2019-12-20", meter="b", number="100002", channel="оператор"),
        reading("19.5", "2019-11-20", meter="b", number="100002", channel="web"),
        reading("99", "2019-11-19", meter="b", number="100002", counts=False),
        reading("7", "2019-10-20", meter="old", number="555"),
    )
    several.slots["history_account"] = THREE
    await several.act("action_show_history")
    assert several.one("utter_history").variables["meters"].split("\n\n") == [
        "ГВС №100001, кухня\nпоказаний пока нет",
        "ГВС №100002, ванна\n"
        "20.12.2019 — 20 (расход 0,5 м³; через оператор)\n"
        "20.11.2019 — 19,5 (через личный кабинет)",
        "Отопление №200001\nпоказаний пока нет",
        "Счётчик №555\n20.10.2019 — 7",
    ]


async def test_only_the_last_readings_of_a_meter_are_listed(
    known: Talk, billing: FakeBilling
) -> None:
    billing.histories[ONE] = tuple(
        reading(str(56000 + month), f"2019-{month:02}-03") for month in range(12, 0, -1)
    )
    await look(known)
    lines = known.one("utter_history").variables["meters"].splitlines()
    assert [line[:10] for line in lines[1:]] == [
        f"03.{month:02}.2019" for month in (12, 11, 10, 9, 8)
    ]


async def test_the_chart_is_a_picture_with_the_table_in_reserve(
    known: Talk, charts: FakeCharts
) -> None:
    await look(known)
    shown = known.one("utter_history_chart")
    assert base64.b64decode(shown.custom["picture"]) == b"png 0"
    assert shown.custom["without"].splitlines() == [
        f"Расход по месяцам, лицевой счёт {ONE}:",
        "",
        "ГВС №1710051, м³",
        "дек 2019 — 12,5",
    ]
    (chart,) = charts.drawn
    (panel,) = chart.panels
    assert panel.meter == "ГВС №1710051, м³"
    assert [bar.month for bar in panel.bars] == [
        "янв\n2019", "фев", "мар", "апр", "май", "июн", "июл", "авг", "сен", "окт", "ноя", "дек",
    ]  # fmt: skip
    assert [bar.value for bar in panel.bars] == ["—"] * 11 + ["12,5"]


async def test_no_account_number_is_on_the_picture(known: Talk, charts: FakeCharts) -> None:
    await look(known)
    assert ONE not in repr(charts.drawn)


async def test_months_without_a_reading_are_marked_in_the_chart_and_in_the_table(
    known: Talk, billing: FakeBilling, charts: FakeCharts
) -> None:
    billing.histories[ONE] = (reading("56590", "2019-12-20"), reading("56578", "2019-09-03"))
    await look(known)
    assert [bar.estimated for bar in charts.drawn[0].panels[0].bars][-4:] == [False] + [True] * 3
    assert known.one("utter_history_chart").custom["without"].splitlines()[2:] == [
        "ГВС №1710051, м³",
        "окт 2019 ≈ 4",
        "ноя 2019 ≈ 4",
        "дек 2019 ≈ 4",
        "",
        "≈ — показаний не было, расход поделён поровну.",
    ]


async def test_where_pictures_cannot_be_shown_the_table_is(
    known: Talk, accounts: FakeAccounts, charts: FakeCharts
) -> None:
    known.resident = "viber:1"
    accounts.linked["viber:1"] = [ONE]
    await look(known)
    assert "дек 2019 — 12,5" in known.one("utter_history_table").text
    assert charts.drawn == []


async def test_a_chart_that_is_not_drawn_is_a_table(known: Talk, charts: FakeCharts) -> None:
    charts.broken = True
    await look(known)
    assert known.responses == ["utter_history", "utter_history_table"]


@pytest.mark.parametrize("history", [(), TWO_READINGS[:1]])
async def test_without_a_volume_there_is_no_chart(
    known: Talk, billing: FakeBilling, charts: FakeCharts, history: tuple[AcceptedReading, ...]
) -> None:
    billing.histories[ONE] = history
    await look(known)
    assert known.responses == ["utter_history" if history else "utter_history_none"]
    assert charts.drawn == []


async def test_many_meters_make_a_few_pictures(
    known: Talk, billing: FakeBilling, charts: FakeCharts
) -> None:
    meters = [replace(KITCHEN, id=f"m{n}", number=str(n)) for n in range(30)]
    billing.put(ONE, *meters)
    billing.histories[ONE] = tuple(
        reading(value, day, meter=meter.id, number=meter.number)
        for value, day in (("5", "2019-12-03"), ("3", "2019-11-03"))
        for meter in meters
    )
    await look(known)
    assert [len(chart.panels) for chart in charts.drawn] == [4, 4, 4]
    shown = [one.custom for one in known.heard if one.response == "utter_history_chart"]
    assert len(shown) == 3
    assert ["without" in custom for custom in shown] == [True, False, False]


async def test_receipts_say_number_time_values_and_what_became_of_them(
    known: Talk, receipts: FakeReceipts
) -> None:
    given = (ConfirmedReading("m-1", "ГВС №1710051", D("56590.500")),)
    receipts.kept["vk:1", ONE] = (
        SubmissionRecord(Standing.WAITING, AT, given),
        SubmissionRecord(Standing.REFUSED, AT, given, reason="Приём закрыт."),
        SubmissionRecord(Standing.REFUSED, AT, given),
        SubmissionRecord(Standing.ACCEPTED, AT, given, receipt="2019-12-000007"),
        SubmissionRecord(Standing.REPLACED, AT, given, receipt="2019-12-000006"),
    )
    await look(known)
    assert known.one("utter_receipts").text.split("\n\n") == [
        f"Что вы передали через бота по лицевому счёту {ONE}:",
        "20.12.2019 16:26 — сохранено, ждёт расчётную систему\nГВС №1710051 — 56590,5",
        "20.12.2019 16:26 — не принято: Приём закрыт.\nГВС №1710051 — 56590,5",
        "20.12.2019 16:26 — не принято: расчётная система их отклонила.\nГВС №1710051 — 56590,5",
        "20.12.2019 16:26 — принято, квитанция № 2019-12-000007\nГВС №1710051 — 56590,5",
        "20.12.2019 16:26 — принято, квитанция № 2019-12-000006, позже исправлено\n"
        "ГВС №1710051 — 56590,5",
    ]


async def test_with_billing_away_the_receipts_are_shown_all_the_same(
    known: Talk, billing: FakeBilling, receipts: FakeReceipts
) -> None:
    receipts.kept["vk:1", ONE] = (SubmissionRecord(Standing.WAITING, AT, ()),)
    billing.down = True
    await look(known)
    assert known.responses == ["utter_billing_unavailable", "utter_receipts"]


async def test_an_account_that_billing_knows_no_more_is_told(
    known: Talk, billing: FakeBilling
) -> None:
    del billing.accounts[ONE]
    await look(known)
    assert known.responses == ["utter_account_no_longer_found"]


async def test_a_fault_of_ours_is_not_taken_for_billing_being_away(
    known: Talk, billing: FakeBilling
) -> None:
    billing.broken = RuntimeError("ours")
    with pytest.raises(RuntimeError, match="ours"):
        await look(known)


async def test_braces_of_billing_are_not_taken_for_variables(
    known: Talk, billing: FakeBilling, receipts: FakeReceipts
) -> None:
    billing.put(ONE, replace(BATH, id="m-1", service="ГВС {account}"), HEATING)
    receipts.kept["vk:1", ONE] = (SubmissionRecord(Standing.REFUSED, AT, (), reason="{readings}"),)
    await look(known)
    assert "ГВС {account}" in known.one("utter_history").text
    assert "{readings}" in known.one("utter_receipts").text
