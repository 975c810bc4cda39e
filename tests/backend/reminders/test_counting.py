"""What the operator sees of reminders, and how one is tried out."""

from __future__ import annotations

from backend.reminders.counting import choices, sent, try_out
from tests.backend.reminders.reminder_world import NOON, World


async def test_the_operator_sees_who_wants_them_and_what_was_sent(world: World) -> None:
    await world.person("1")
    await world.person("2")
    await world.choices.turn_off(await world.person("3"), NOON)
    await world.machine.inbox.resident_left("vk", "2")
    await world.machine.start()
    await world.wave()
    await world.machine.vk.until_sent(1)
    await world.done()
    assert await choices(world.machine.database) == (2, 1, 1)
    (one,) = await sent(world.machine.database)
    assert (one.period, one.kind, one.state, one.number) == ("2026-11", "closing", "sent", 1)


async def test_the_operator_can_try_out_another_moment_by_night(world: World) -> None:
    await world.person()
    world.now = NOON.replace(day=10, hour=23)
    await world.machine.start()
    assert await try_out(world.machine.database, NOON) == 1
    await world.machine.vk.until_sent(1)
