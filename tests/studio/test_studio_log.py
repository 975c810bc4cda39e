"""What the page reads from the event log of a real PostgreSQL."""

from __future__ import annotations

import time
from datetime import date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from backend.storage.database import Database
from studio.conversations import PAGE, conversation, visits
from studio.funnel import funnel
from studio.misunderstood import occasions, unclear_texts
from studio.period import Period
from studio.stages import STAGES
from tests.studio.studio_fakes import Log

ZONE = "Europe/Moscow"
DAY = date(2026, 11, 10)
PERIOD = Period(DAY, DAY, ZONE)
LINKED = {"name": "action_check_accounts", "slots": {"has_linked_account": True}}
UNLINKED = {"name": "action_check_accounts", "slots": {"has_linked_account": False}}
CHOOSING = {"name": "submit_readings_form", "slots": {"requested_slot": "submission_account"}}
# Readings are not taken now: the form ends with nothing asked, and what follows it runs.
CLOSED = {"name": "submit_readings_form", "slots": {"requested_slot": None}}
SUBMITS = {"name": "action_submit_readings"}
ASKED = {"name": "submit_readings_form", "slots": {"requested_slot": "reading"}}


async def texts(
    database: Database, period: Period = PERIOD, search: str | None = None
) -> list[str]:
    return [one.text for one in await unclear_texts(database, period, search)]


async def test_what_was_not_understood_or_guessed_is_found(database: Database, log: Log) -> None:
    await log.turn("абв", "nlu_fallback", 0.6)
    await log.turn("где", "ask_contacts", 0.49)
    await log.turn("спасибо", "thank", 1.0)
    await log.turn("телефон", "ask_contacts", 0.5)
    await log.turn("/affirm", "nlu_fallback", 0.1)
    await log.turn("", "nlu_fallback", 0.1)
    assert sorted(await texts(database)) == ["абв", "где"]


async def test_what_was_turned_away_is_found_apart(database: Database, log: Log) -> None:
    await log.turn("абв", "nlu_fallback", 0.6)
    await log.turn("где памятник", "out_of_scope", 0.8)
    await log.turn("известно и так", "out_of_scope", 1.0)
    await log.turn("где", "out_of_scope", 0.4)
    await log.turn("спасибо", "thank", 0.9)
    found = await unclear_texts(database, PERIOD, turned_away=True)
    assert [one.text for one in found] == ["где памятник"]
    assert sorted(await texts(database)) == ["абв", "где"]


async def test_equal_texts_are_counted_once_with_times_and_people(
    database: Database, log: Log
) -> None:
    for resident in ("vk:1", "vk:1", "viber:1"):
        await log.turn("абв", "nlu_fallback", 0.3, resident=resident)
    latest = await log.turn("абв", "thank", 0.3, resident="vk:2")
    (one,) = await unclear_texts(database, PERIOD)
    assert (one.times, one.people, one.not_understood, one.latest) == (4, 3, 3, latest)


async def test_an_answer_that_a_form_took_is_no_misunderstanding(
    database: Database, log: Log
) -> None:
    took = {"name": "submit_readings_form", "slots": {"readings": "…"}}
    refused = {"name": "submit_readings_form", "slots": {"reading": None, "failures": "1"}}
    await log.turn("сто и ещё", "nlu_fallback", 0.3, asked="reading", actions=[took])
    await log.turn("сто или нет", "nlu_fallback", 0.3, asked="reading", actions=[refused])
    await log.turn("вне вопроса", "nlu_fallback", 0.3, actions=[took])
    assert sorted(await texts(database)) == ["вне вопроса", "сто или нет"]


async def test_days_are_those_of_the_utility(database: Database, log: Log) -> None:
    await log.turn("вчера", "nlu_fallback", 0.3, at="2026-11-09T23:59:59+03:00")
    await log.turn("утром", "nlu_fallback", 0.3, at="2026-11-09T21:00:00+00:00")
    await log.turn("ночью", "nlu_fallback", 0.3, at="2026-11-10T23:59:59+03:00")
    await log.turn("завтра", "nlu_fallback", 0.3, at="2026-11-11T00:00:00+03:00")
    assert sorted(await texts(database)) == ["ночью", "утром"]


async def test_channel_and_words_narrow_the_list(database: Database, log: Log) -> None:
    await log.turn("100% нет_воды", "nlu_fallback", 0.3, resident="vk:1")
    await log.turn("Где вода", "nlu_fallback", 0.3, resident="viber:1")
    assert await texts(database, Period(DAY, DAY, ZONE, "viber")) == ["Где вода"]
    assert await texts(database, search="где ВОДА") == ["Где вода"]
    assert await texts(database, search="0%") == ["100% нет_воды"]
    assert await texts(database, search="е_в") == []
    assert await texts(database, search="' OR 1=1 --") == []
    assert len(await texts(database, search="  ")) == 2


async def test_numbers_are_hidden_whoever_wrote_the_row(database: Database, log: Log) -> None:
    row = await log.turn("счёт 7060012345", "nlu_fallback", 0.3, answers=["ваш 7060012345"])
    assert await texts(database) == ["счёт •••45"]
    found = await occasions(database, [row])
    assert found[row].answers == ["ваш •••45"]
    one = await conversation(database, row, ZONE)
    assert "7060012345" not in repr(one.turns)
    (visit,), _ = await visits(database, PERIOD)
    assert visit.said == ["счёт •••45"]


async def test_what_was_thought_and_answered_belongs_to_the_same_turn(
    database: Database, log: Log
) -> None:
    ranking = [["nlu_fallback", 0.6], ["thank", 0.3], ["deny", 0.1]]
    row = await log.turn("абв", "nlu_fallback", 0.6, ranking=ranking, answers=["а", "б"])
    await log.turn("дальше", "thank", 1.0, answers=["в"])
    await log.turn("другой", "thank", 1.0, resident="vk:2", answers=["г"])
    found = (await occasions(database, [row, 999]))[row]
    assert found.answers == ["а", "б"]
    assert found.ranking == [("thank", 0.3), ("deny", 0.1)]


async def test_a_visit_is_what_one_resident_did_on_one_day(database: Database, log: Log) -> None:
    first = await log.turn("привет", "greet", 1.0)
    await log.turn("абв", "nlu_fallback", 0.3, at="2026-11-10T18:00:00+03:00")
    await log.turn("ещё", "greet", 1.0, at="2026-11-11T00:00:00+03:00")
    await log.turn("чужой", "greet", 1.0, resident="viber:1", at="2026-11-10T13:00:00+03:00")
    found, total = await visits(database, PERIOD)
    assert total == 2
    own = found[0]
    assert (own.id, own.resident, own.messages, own.unclear) == (first, "vk:1", 2, 1)
    one = await conversation(database, first, ZONE)
    assert [turn.user["text"] for turn in one.turns] == ["привет", "абв"]
    assert await conversation(database, 10**9, ZONE) is None


async def test_visits_are_searched_filtered_and_paged(database: Database, log: Log) -> None:
    for number in range(PAGE + 2):
        await log.turn(f"вопрос {number}", "greet", 1.0, resident=f"vk:{number}")
    await log.turn("абв", "nlu_fallback", 0.3, resident="vk:0", answers=["Редкий ответ"])
    first, total = await visits(database, PERIOD)
    second, _ = await visits(database, PERIOD, page=1)
    assert (len(first), len(second), total) == (PAGE, 2, PAGE + 2)
    assert not {one.id for one in first} & {one.id for one in second}
    assert [one.resident for one in (await visits(database, PERIOD, only_unclear=True))[0]] == [
        "vk:0"
    ]
    assert [one.resident for one in (await visits(database, PERIOD, search="редкий"))[0]] == [
        "vk:0"
    ]
    assert (await visits(database, PERIOD, page=99))[0] == []
    assert (await visits(database, PERIOD, stage="accepted"))[1] == 0


@pytest.mark.parametrize(
    ("actions", "submitted", "stage"),
    [
        ([], None, "started"),
        ([UNLINKED], None, "started"),
        ([LINKED], None, "linked"),
        ([LINKED, ASKED], None, "asked"),
        ([CHOOSING], None, "linked"),
        ([LINKED, CLOSED, SUBMITS], None, "linked"),
        ([ASKED], "waiting", "confirmed"),
        ([ASKED], "refused", "confirmed"),
        ([ASKED], "accepted", "accepted"),
        ([], "accepted", "accepted"),
    ],
)
async def test_a_visit_has_come_as_far_as_its_last_stage(
    database: Database, log: Log, actions: list, submitted: str | None, stage: str
) -> None:
    await log.turn("привет", "greet", 1.0, actions=actions)
    if submitted:
        await log.submission("vk:1", "2026-11-10T12:01:00+03:00", submitted)
    (visit,), _ = await visits(database, PERIOD)
    assert visit.stage == stage
    reached = (await funnel(database, PERIOD)).days[0].reached
    assert reached == tuple(int(number <= STAGES.index(stage)) for number in range(len(STAGES)))


async def test_the_funnel_counts_by_day_and_channel_and_knows_where_people_leave(
    database: Database, log: Log
) -> None:
    menu = "Выберите действие:"
    await log.turn("а", "greet", 1.0, actions=[LINKED], answers=["Здравствуйте", menu])
    await log.turn("б", "greet", 1.0, actions=[LINKED], resident="vk:2", answers=[menu])
    await log.turn("в", "greet", 1.0, resident="viber:1", answers=["Введите номер"])
    await log.turn("г", "greet", 1.0, at="2026-11-11T10:00:00+03:00", answers=["Введите номер"])
    await log.submission("vk:2", "2026-11-11T10:00:00+03:00", "accepted")
    found = await funnel(database, Period(DAY, DAY + timedelta(days=1), ZONE))
    assert [(one.day.day, one.channel, one.reached) for one in found.days] == [
        (10, "viber", (1, 0, 0, 0, 0)),
        (10, "vk", (2, 2, 0, 0, 0)),
        (11, "vk", (1, 0, 0, 0, 0)),
    ]
    assert [(one.stage, one.text, one.visits, one.channels) for one in found.leavings] == [
        ("started", "Введите номер", 2, {"vk": 1, "viber": 1}),
        ("linked", menu, 2, {"vk": 2}),
    ]


async def test_what_the_bot_tells_by_itself_nobody_said(database: Database, log: Log) -> None:
    await log.notice("Подключился ещё один человек")
    assert await visits(database, PERIOD) == ([], 0)
    row = await log.turn("привет", "greet", 1.0)
    await log.notice("Подключился ещё один человек")
    (visit,), _ = await visits(database, PERIOD)
    assert (visit.messages, visit.said) == (1, ["привет"])
    found = await conversation(database, row, ZONE)
    assert found is not None
    assert [turn.user and turn.user["text"] for turn in found.turns] == [None, "привет", None]


async def test_a_late_notice_neither_prolongs_a_visit_nor_ends_it(
    database: Database, log: Log
) -> None:
    now = datetime.now(timezone.utc)
    today = now.astimezone(ZoneInfo(ZONE)).date()
    before, lately = (now - timedelta(minutes=minutes) for minutes in (40, 5))
    await log.turn("а", "greet", 1.0, at=before.isoformat(), answers=["Меню"])
    await log.notice("Подключился ещё один человек", at=lately.isoformat())
    period = Period(today - timedelta(days=1), today, ZONE)
    (visit,), _ = await visits(database, period)
    assert (visit.going, visit.ended) == (False, before)
    assert [one.text for one in (await funnel(database, period)).leavings] == ["Меню"]


async def test_who_wrote_a_moment_ago_has_not_left_yet(database: Database, log: Log) -> None:
    now = datetime.now(timezone.utc)
    ago = {minutes: (now - timedelta(minutes=minutes)).isoformat() for minutes in (5, 40)}
    await log.turn("а", "greet", 1.0, resident="vk:1", at=ago[5], answers=["Меню"])
    await log.turn("б", "greet", 1.0, resident="vk:2", at=ago[40], answers=["Меню"])
    await log.turn("в", "greet", 1.0, resident="vk:3", at=ago[5], answers=["Приняты"])
    await log.submission("vk:3", ago[5], "accepted")
    today = now.astimezone(ZoneInfo(ZONE)).date()
    period = Period(today - timedelta(days=1), today, ZONE)

    found = await funnel(database, period)
    assert sum(day.reached[0] for day in found.days) == 3
    assert [sum(day.going[at] for day in found.days) for at in range(len(STAGES))] == [
        1, 0, 0, 0, 0
    ]  # fmt: skip
    assert [(one.stage, one.visits) for one in found.leavings] == [("started", 1)]

    everybody, _ = await visits(database, period)
    assert {one.resident: one.going for one in everybody} == {
        "vk:1": True,
        "vk:2": False,
        "vk:3": False,
    }
    for stage, expected in (("started", "vk:2"), ("going", "vk:1"), ("accepted", "vk:3")):
        chosen, total = await visits(database, period, stage=stage)
        assert ([one.resident for one in chosen], total) == ([expected], 1)


async def test_without_rows_everything_is_empty(database: Database) -> None:
    assert await unclear_texts(database, PERIOD) == []
    assert await visits(database, PERIOD) == ([], 0)
    found = await funnel(database, PERIOD)
    assert (found.days, found.leavings) == ([], [])


async def test_ten_thousand_messages_are_found_quickly(database: Database) -> None:
    async with database.autocommit() as connection:
        await connection.execute(
            text("""
                INSERT INTO event_log (resident, turn, kind, data, at)
                SELECT 'vk:' || n % 500, n, kind,
                       jsonb_build_object('text', 'слова ' || n % 3000, 'intent', 'nlu_fallback',
                                          'confidence', 0.3, 'asked', 'reading'),
                       TIMESTAMPTZ '2026-11-10 09:00:00+03' + n * INTERVAL '1 second'
                  FROM generate_series(1, 10000) AS n,
                       unnest(ARRAY['user', 'action', 'bot']) AS kind
            """)
        )
    started = time.monotonic()
    assert len(await unclear_texts(database, PERIOD)) == 3000
    assert (await visits(database, PERIOD))[1] == 500
    await funnel(database, PERIOD)
    assert time.monotonic() - started < 10


@pytest.mark.parametrize(
    "query",
    [
        {"from": "2026-11-11", "to": "2026-11-10"},
        {"from": "2020-01-01", "to": "2026-11-10"},
        {"from": "вчера"},
        {"to": "2026-13-01"},
    ],
)
def test_days_that_are_none_are_refused(query: dict[str, str]) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 (its words are for developers)
        Period.read(query, ZONE, DAY)


def test_without_days_it_is_the_last_two_weeks() -> None:
    found = Period.read({}, ZONE, DAY)
    assert (found.first, found.last, found.channel) == (date(2026, 10, 28), DAY, None)


async def test_what_was_typed_is_shown_and_not_what_the_bot_was_given(
    database: Database, log: Log
) -> None:
    row = await log.turn("/affirm", "affirm", 1.0, typed="подтверждаю")
    await log.turn("<b>куда< >", "nlu_fallback", 0.3, typed="<b>куда</b>")
    one = await conversation(database, row, ZONE)
    assert one is not None
    assert [turn.user and turn.user["text"] for turn in one.turns] == ["подтверждаю", "<b>куда</b>"]
    (visit,), _ = await visits(database, PERIOD)
    assert visit.said == ["подтверждаю", "<b>куда</b>"]
    assert await texts(database) == ["<b>куда</b>"]
    assert await texts(database, search="куда</b>") == ["<b>куда</b>"]


async def test_what_a_form_took_is_not_counted_as_unclear(database: Database, log: Log) -> None:
    took = {"name": "submit_readings_form", "slots": {"readings": "…"}}
    row = await log.turn("сто и ещё", "nlu_fallback", 0.3, asked="reading", actions=[took])
    await log.turn("сто или нет", "nlu_fallback", 0.3, asked="reading")
    (visit,), _ = await visits(database, PERIOD)
    assert visit.unclear == 1
    one = await conversation(database, row, ZONE)
    assert one is not None
    assert [bool(turn.user and turn.user.get("taken")) for turn in one.turns] == [True, False]


async def test_a_text_brings_the_shapes_that_its_hidden_numbers_had(
    database: Database, log: Log
) -> None:
    for hidden in (["0000000000"], ["8(000)0000000"]):
        await log.turn("это •••45", "nlu_fallback", 0.3, hidden=hidden)
    row = await log.turn("это •••45", "nlu_fallback", 0.3)
    (one,) = await unclear_texts(database, PERIOD)
    assert one.text == "это •••45"
    assert set(one.shapes) == {("0000000000",), ("8(000)0000000",), None}
    found = await conversation(database, row, ZONE)
    assert found is not None
    assert [turn.user and turn.user.get("hidden") for turn in found.turns] == [
        ["0000000000"], ["8(000)0000000"], None,
    ]  # fmt: skip
