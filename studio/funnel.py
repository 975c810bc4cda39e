"""How many visits come how far, by day and channel, and what they read last before they left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import text

from backend.delivery.masking import mask
from backend.storage.database import Database
from studio.period import Period
from studio.stages import STAGES, VISITS

MOST_LEAVINGS = 6


@dataclass(frozen=True)
class Day:
    """Visits of a channel on a day that came at least as far as each of STAGES.

    `going` are those that are at the stage now and have not ended.
    """

    day: date
    channel: str
    reached: tuple[int, ...]
    going: tuple[int, ...]


@dataclass(frozen=True)
class Leaving:
    """Visits that ended at a stage after the same words of the bot; `example` is one of them.

    `channels` counts them by channel.
    """

    stage: str
    response: str
    text: str
    visits: int
    example: int
    channels: dict[str, int]


@dataclass(frozen=True)
class Funnel:
    """Days in order, and for each stage but the last the most frequent leavings."""

    days: list[Day]
    leavings: list[Leaving]


_REACHED = ", ".join(f"count(*) FILTER (WHERE stage >= {number})" for number in range(len(STAGES)))
_GOING = ", ".join(
    f"count(*) FILTER (WHERE stage = {number} AND going)" for number in range(len(STAGES))
)
_DAYS = text(f"""
    WITH {VISITS}
    SELECT day, channel, ARRAY[{_REACHED}] AS reached, ARRAY[{_GOING}] AS going
      FROM visits GROUP BY 1, 2 ORDER BY 1, 2
""")
_LEAVINGS = text(f"""
    WITH {VISITS}, left_after AS (
        SELECT stage, coalesce(last_response, '') AS response, channel, count(*) AS visits,
               (array_agg(last_text ORDER BY first_id DESC))[1] AS words, max(first_id) AS example
          FROM visits WHERE stage < {len(STAGES) - 1} AND NOT going
         GROUP BY 1, 2, 3
    ), counted AS (
        SELECT stage, response, sum(visits) AS visits,
               (array_agg(words ORDER BY example DESC))[1] AS words, max(example) AS example,
               jsonb_object_agg(channel, visits) AS channels,
               row_number() OVER (PARTITION BY stage ORDER BY sum(visits) DESC, max(example) DESC)
                   AS place
          FROM left_after
         GROUP BY 1, 2
    )
    SELECT * FROM counted WHERE place <= {MOST_LEAVINGS} ORDER BY stage, place
""")


async def funnel(database: Database, period: Period) -> Funnel:
    """The funnel of the period."""
    async with database.autocommit() as connection:
        days = (await connection.execute(_DAYS, period.parameters)).all()
        leavings = (await connection.execute(_LEAVINGS, period.parameters)).all()
    return Funnel(
        [Day(row.day, row.channel, _counts(row.reached), _counts(row.going)) for row in days],
        [
            Leaving(
                STAGES[row.stage],
                mask(row.response),
                mask(row.words or ""),
                int(row.visits),
                row.example,
                dict(row.channels),
            )
            for row in leavings
        ],
    )


def _counts(reached: Sequence[int]) -> tuple[int, ...]:
    return tuple(int(count) for count in reached)
