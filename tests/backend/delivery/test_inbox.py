"""Stored once, handled in order, at least answered, parked in the end: on a real PostgreSQL."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text

from backend.computing import outside
from backend.delivery import inbox as inbox_module
from backend.delivery import queue as queue_module
from backend.delivery.model import EventKind
from backend.delivery.turn import Turn
from tests.durability_fakes import FakeTalk, Machine, event, eventually


@pytest.fixture
async def idle(database_url: str) -> AsyncIterator[Machine]:
    """A machine that stores events and does not work on them."""
    async with Machine(database_url) as machine:
        yield machine


@pytest.fixture
async def machine(request: pytest.FixtureRequest, idle: Machine) -> Machine:
    if "fast_retries" in request.fixturenames:
        request.getfixturevalue("fast_retries")
    return await idle.start()


@pytest.fixture
def fast_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inbox_module, "FIRST_RETRY", 0.01)
    monkeypatch.setattr(queue_module, "POLL", 0.05)


async def test_a_stored_message_is_answered(machine: Machine) -> None:
    await machine.say("привет")
    assert await machine.vk.until_sent(1) == ["re: привет"]
    assert await machine.state_of("inbox") == ["done"]


async def test_everything_of_an_event_survives_being_stored(machine: Machine) -> None:
    seen: list[Turn] = []

    async def look(turn: Turn) -> None:
        seen.append(turn)

    machine.talk.during = look
    given = event("2.1", kind=EventKind.BUTTON, button="2.1", question="2", attachment="photo")
    await machine.inbox.store(given)
    await machine.vk.until_sent(1)
    assert seen[0].event == given


async def test_a_repeated_delivery_has_no_effect(machine: Machine) -> None:
    given = event("показания")
    assert await machine.inbox.store(given)
    await machine.vk.until_sent(1)
    assert not await machine.inbox.store(given)
    await machine.say("дальше")
    assert await machine.vk.until_sent(2) == ["re: показания", "re: дальше"]


async def test_copies_delivered_to_two_machines_at_once_are_stored_once(
    database_url: str,
) -> None:
    async with Machine(database_url) as one, Machine(database_url) as two:
        given = event("показания")
        stored = await asyncio.gather(
            *(machine.inbox.store(given) for machine in (one, two) for _ in range(10))
        )
        assert sorted(stored) == [False] * 19 + [True]
        assert len(await one.rows("SELECT 1 FROM procrastinate_jobs")) == 1


async def test_the_same_id_in_another_messenger_is_another_event(idle: Machine) -> None:
    assert await idle.inbox.store(event("a", event_id="7", channel="vk"))
    assert await idle.inbox.store(event("a", event_id="7", channel="viber"))


async def test_one_resident_s_messages_are_handled_in_order_by_two_machines(
    database_url: str,
) -> None:
    talk = FakeTalk()
    talk.takes = 0.005
    users = ("1", "2", "3")
    async with Machine(database_url, talk) as one, Machine(database_url, talk) as two:
        await one.start()
        await two.start()
        for number in range(12):
            for user in users:
                machine = one if number % 2 else two
                await machine.say(f"{number}", user=user)
        await talk.until(lambda: len(talk.handled) == 36)
    for user in users:
        assert talk.of(user) == [str(number) for number in range(12)]
        assert talk.most_busy[user] == 1


async def test_turns_that_wait_for_billing_are_served_side_by_side(machine: Machine) -> None:
    together = asyncio.Event()

    async def meet(_turn: Turn) -> None:
        if sum(machine.talk.busy.values()) == 3:
            together.set()
        async with outside():
            await asyncio.wait_for(together.wait(), 5)

    machine.talk.during = meet
    for user in ("1", "2", "3"):
        await machine.say("вместе", user=user)
    await machine.vk.until_sent(3)


async def test_five_quick_messages_take_no_longer_than_five_turns(machine: Machine) -> None:
    await machine.say("warm up")
    await machine.vk.until_sent(1)
    machine.talk.takes = 0.05
    started = time.monotonic()
    await machine.say("1", "2", "3", "4", "5")
    await machine.talk.until(lambda: len(machine.talk.handled) == 6)
    # Five turns are 0.25 s; a lock that is polled once a second would need four seconds more.
    assert time.monotonic() - started < 1.0


async def test_a_turn_that_fails_once_is_run_again_and_answered_once(
    machine: Machine, fast_retries: None
) -> None:
    machine.talk.failures["споткнись"] = 1
    await machine.say("споткнись", "дальше")
    assert await machine.vk.until_sent(2) == ["re: споткнись", "re: дальше"]


async def test_a_turn_that_always_fails_is_parked_with_an_apology_and_later_ones_go_on(
    machine: Machine, fast_retries: None
) -> None:
    machine.talk.failures["яд"] = 1000
    await machine.say("до", "яд", "после")
    assert await machine.vk.until_sent(3) == ["re: до", "sorry", "re: после"]
    assert await machine.state_of("inbox") == ["done", "parked", "done"]
    (row,) = await machine.rows("SELECT attempts, error FROM inbox WHERE state = 'parked'")
    assert row.attempts == inbox_module.MOST_FAILURES
    assert "cannot handle" in row.error


async def test_a_parked_turn_leaves_a_conversation_begun_anew(
    machine: Machine, fast_retries: None
) -> None:
    machine.talk.failures["яд"] = 1000
    await machine.say("до", "яд")
    await machine.vk.until_sent(2)
    assert await machine.rows("SELECT events FROM conversations") == [([],)]


async def test_without_words_for_an_apology_later_messages_go_on_all_the_same(
    machine: Machine, fast_retries: None
) -> None:
    def speechless(_turn: Turn) -> None:
        raise KeyError("utter_turn_failed")

    machine.talk.apologise = speechless  # type: ignore[method-assign]
    machine.talk.failures["яд"] = 1000
    await machine.say("яд", "после")
    assert await machine.vk.until_sent(1) == ["re: после"]
    assert await machine.state_of("inbox") == ["parked", "done"]


async def test_a_handler_that_ends_without_saving_the_conversation_has_failed(
    machine: Machine, fast_retries: None
) -> None:
    async def forget(_turn: Turn) -> None:
        """As Rasa does when it does not reach the end of its turn."""

    machine.talk.handle = forget  # type: ignore[method-assign]
    await machine.say("забудь")
    assert await machine.vk.until_sent(1) == ["sorry"]


async def test_a_connection_lost_before_the_commit_undoes_the_turn_which_runs_again(
    machine: Machine,
) -> None:
    lost = iter([True])

    async def link_then_lose(turn: Turn) -> None:
        async with machine.database.transaction() as connection:
            await connection.execute(
                text("INSERT INTO linked_accounts (resident, account) VALUES ('vk:1', '70600')")
            )
            if next(lost, False):
                await connection.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))

    machine.talk.during = link_then_lose
    await machine.say("привяжи")
    assert await machine.vk.until_sent(1) == ["re: привяжи"]
    assert len(machine.talk.begun) == 2
    assert len(await machine.rows("SELECT 1 FROM linked_accounts")) == 1
    assert await machine.rows("SELECT version FROM conversations") == [(1,)]


async def test_a_turn_whose_end_was_not_reported_finds_itself_done(machine: Machine) -> None:
    await machine.say("один раз")
    await machine.vk.until_sent(1)
    # As after a death between the turn's commit and the job's end: the job runs once more.
    await machine.run(
        "SELECT procrastinate_defer_jobs_v1(ARRAY[ROW('turns', 'turn', 0, 'vk:1', NULL,"
        " jsonb_build_object('inbox_id', (SELECT id FROM inbox)), NULL)"
        "::procrastinate_job_to_defer_v1])"
    )
    await machine.say("дальше")
    assert await machine.vk.until_sent(2) == ["re: один раз", "re: дальше"]
    assert machine.talk.of("1") == ["один раз", "дальше"]


async def test_a_turn_overtaken_by_another_runs_again_from_the_newer_conversation(
    machine: Machine,
) -> None:
    overtaken = iter([True])

    async def overtake(_turn: Turn) -> None:
        if next(overtaken, False):
            async with machine.database.own_transaction() as connection:
                await connection.execute(
                    text("""INSERT INTO conversations (resident, version, events)
                            VALUES ('vk:1', 1, '[{"text": "раньше"}]')""")
                )

    machine.talk.during = overtake
    await machine.say("позже")
    await machine.vk.until_sent(1)
    rows = await machine.rows("SELECT version, events FROM conversations")
    assert rows == [(2, [{"text": "раньше"}, {"text": "позже"}])]


async def test_a_turn_that_was_begun_too_often_without_an_end_is_parked(idle: Machine) -> None:
    await idle.say("убийца", "дальше")
    await idle.run("UPDATE procrastinate_jobs SET attempts = 20 WHERE id = 1")
    await idle.run("UPDATE inbox SET attempts = :n WHERE id = 1", n=inbox_module.MOST_FAILURES - 1)
    await idle.start()
    assert await idle.vk.until_sent(2) == ["sorry", "re: дальше"]
    assert ("1", "убийца") not in idle.talk.begun


async def test_a_turn_that_only_met_an_absent_database_often_is_not_parked(idle: Machine) -> None:
    await idle.say("терпение")
    await idle.run("UPDATE procrastinate_jobs SET attempts = 20")
    await idle.start()
    assert await idle.vk.until_sent(1) == ["re: терпение"]


async def test_an_answer_at_once_is_returned_and_not_sent(machine: Machine) -> None:
    given = event("открыл", kind=EventKind.OPENED, channel="viber")
    answer = await machine.inbox.answer_now(given)
    assert [message.text for message in answer] == ["re: открыл"]
    assert await machine.inbox.answer_now(given) == []
    await machine.say("дальше", channel="viber")
    assert await machine.viber.until_sent(1) == ["re: дальше"]


async def test_an_answer_at_once_that_fails_is_no_answer_and_leaves_nothing(
    machine: Machine,
) -> None:
    machine.talk.failures["?"] = 1
    given = event("?", channel="viber")
    assert await machine.inbox.answer_now(given) == []
    assert await machine.rows("SELECT 1 FROM inbox") == []
    assert len(await machine.inbox.answer_now(given)) == 1


async def test_an_answer_at_once_gives_up_in_time(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox_module, "ANSWER_BUDGET", 0.05)

    async def forever(_turn: Turn) -> None:
        await asyncio.Event().wait()

    machine.talk.during = forever
    assert await machine.inbox.answer_now(event("?", channel="viber")) == []
    assert await machine.rows("SELECT 1 FROM inbox") == []


async def test_a_crowd_that_opens_the_chat_leaves_the_database_to_the_others(
    machine: Machine,
) -> None:
    go_on = asyncio.Event()

    async def compute(_turn: Turn) -> None:
        await go_on.wait()

    machine.talk.during = compute
    await machine.say("раз", user="1")
    await machine.say("два", user="2")
    await machine.talk.until(lambda: len(machine.talk.begun) == 2)
    opened = [
        event("?", user=f"{number}", kind=EventKind.OPENED, channel="viber") for number in range(30)
    ]
    greetings = [asyncio.create_task(machine.inbox.answer_now(one)) for one in opened]
    await asyncio.sleep(0.5)
    assert await asyncio.wait_for(machine.rows("SELECT 1"), 2) == [(1,)]
    go_on.set()
    assert all(await asyncio.gather(*greetings))
    assert sorted(await machine.vk.until_sent(2)) == ["re: два", "re: раз"]


async def test_nothing_is_sent_to_a_resident_who_left_until_they_write_again(
    machine: Machine,
) -> None:
    await machine.say("раз")
    await machine.vk.until_sent(1)
    await machine.inbox.resident_left("vk", "1")
    await machine.run(
        "INSERT INTO outbox (key, resident, channel, user_id, message)"
        " VALUES ('late', 'vk:1', 'vk', '1', '{\"text\": \"late\"}')"
    )
    await machine.inbox.resident_left("vk", "1")
    await machine.say("снова")
    assert await machine.vk.until_sent(2) == ["re: раз", "re: снова"]

    async def noted() -> bool:
        return await machine.state_of("outbox") == ["sent", "unreachable", "sent"]

    await eventually(noted)


async def test_the_log_keeps_what_was_said_beside_the_conversation(machine: Machine) -> None:
    await machine.say("раз")
    await machine.vk.until_sent(1)
    rows = await machine.rows("SELECT resident, turn, kind, data FROM event_log")
    assert rows == [("vk:1", 1, "user", {"text": "раз"})]


async def test_a_long_answer_is_cut_and_only_its_last_part_bears_the_keyboard(
    machine: Machine,
) -> None:
    await machine.say("?" + " слово" * 1000)
    await machine.vk.until_sent(2)
    first, second = machine.vk.sent
    assert len(first.text) <= 4096
    assert (first.keyboard, bool(second.keyboard)) == (None, True)


async def test_a_turn_without_buttons_repeats_the_current_keyboard(machine: Machine) -> None:
    await machine.say("? вопрос", "ответ")
    await machine.vk.until_sent(2)
    first, second = machine.vk.sent
    assert first.keyboard is not None
    assert second.keyboard == first.keyboard


async def test_only_the_newest_keyboards_are_remembered(machine: Machine) -> None:
    await machine.say(*(f"? {number}" for number in range(8)))
    await machine.vk.until_sent(8)

    async def boards() -> list[str]:
        (row,) = await machine.rows("SELECT keyboards FROM conversations")
        return [board["question"] for board in row.keyboards]

    newest = [board.keyboard.question for board in machine.vk.sent[3:] if board.keyboard]
    assert await eventually(boards) == newest
    assert len(newest) == 5
