"""Conversations of residents: a list of visits, and one visit turn by turn."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import text

from backend.delivery.masking import mask, mask_for
from backend.storage.database import Database
from studio.misunderstood import SAID, TAKEN, UNCLEAR, UNCLEAR_PARAMETERS, pattern
from studio.period import WITHIN, Period
from studio.stages import GOING, STAGES, VISITS

PAGE = 30
MOST_ROWS = 3000
# What stands in the page for a resident (studio.access).
_CODE = re.compile(r"[0-9a-f]{6}")


@dataclass(frozen=True)
class Visit:
    """A line of the list. `id` is a row of the log, `resident` the key that must not be shown.

    `going`: the resident has written so lately that nobody knows yet how far the visit comes.
    """

    id: int
    resident: str
    channel: str
    day: date
    began: datetime
    ended: datetime
    messages: int
    unclear: int
    stage: str
    going: bool
    said: list[str]


@dataclass(frozen=True)
class Turn:
    """The resident's message (None: the bot began), what the bot did, and what it said.

    `row` is the turn's first row of the log.
    """

    at: datetime
    user: dict[str, Any] | None
    actions: list[dict[str, Any]] = field(default_factory=list)
    bot: list[dict[str, Any]] = field(default_factory=list)
    entries: list[dict[str, Any]] = field(default_factory=list)
    row: int = 0


@dataclass(frozen=True)
class Conversation:
    """A visit with its turns."""

    resident: str
    channel: str
    day: date
    turns: list[Turn]


_SPOKEN = f"kind = 'user' AND ({SAID} <> data->>'text' OR data->>'text' NOT LIKE '/%')"
_LIST = text(f"""
    WITH {VISITS}, spoken AS (
        SELECT resident, CAST(at AT TIME ZONE :zone AS date) AS day,
               count(*) FILTER (WHERE {UNCLEAR}) AS unclear,
               (array_agg({SAID} ORDER BY id)
                   FILTER (WHERE {_SPOKEN} AND {SAID} <> ''))[1:4] AS said,
               resident = ANY(:meant)
                   OR bool_or(kind IN ('user', 'bot') AND {SAID} ILIKE :search) AS matches
          FROM event_log AS message WHERE at >= :since AND at < :until
         GROUP BY 1, 2
    )
    SELECT visits.*, unclear, coalesce(said, '{{}}') AS said, count(*) OVER () AS total
      FROM visits JOIN spoken USING (resident, day)
     WHERE (CAST(:search AS text) IS NULL OR matches)
       AND (NOT :only_unclear OR unclear > 0)
       AND (CAST(:stage AS int) IS NULL OR (stage = :stage AND NOT going))
       AND (NOT :only_going OR going)
     ORDER BY ended DESC, first_id DESC
     LIMIT {PAGE} OFFSET :offset
""")
_RESIDENTS = text(f"SELECT DISTINCT resident FROM event_log WHERE {WITHIN}")
_ONE = text(f"""
    SELECT log.id, log.resident, log.turn, log.kind, log.data, log.at,
           CAST(begun.at AT TIME ZONE :zone AS date) AS day
      FROM event_log AS begun JOIN event_log AS log
        ON log.resident = begun.resident
       AND CAST(log.at AT TIME ZONE :zone AS date) = CAST(begun.at AT TIME ZONE :zone AS date)
     WHERE begun.id = :id
     ORDER BY log.id
     LIMIT {MOST_ROWS}
""")


async def visits(
    database: Database,
    period: Period,
    *,
    search: str | None = None,
    code_of: Callable[[str], str] | None = None,
    only_unclear: bool = False,
    stage: str | None = None,
    page: int = 0,
) -> tuple[list[Visit], int]:
    """A page of the visits of the period, the latest first, and how many there are on all pages.

    `search` are words, or the code that `code_of` gives a resident. `stage` is one of STAGES, of
    which the visits that go on are left out, or GOING.
    """
    parameters = {
        **period.parameters,
        **UNCLEAR_PARAMETERS,
        "search": pattern(search),
        "meant": [],
        "only_unclear": only_unclear,
        "stage": STAGES.index(stage) if stage in STAGES else None,
        "only_going": stage == GOING,
        "offset": page * PAGE,
    }
    code = (search or "").strip().lower()
    async with database.autocommit() as connection:
        if code_of is not None and _CODE.fullmatch(code):
            residents = (await connection.execute(_RESIDENTS, period.parameters)).scalars()
            parameters["meant"] = [one for one in residents if code_of(one) == code]
        rows = (await connection.execute(_LIST, parameters)).all()
    found = [
        Visit(
            id=row.first_id,
            resident=row.resident,
            channel=row.channel,
            day=row.day,
            began=row.began,
            ended=row.ended,
            messages=row.messages,
            unclear=row.unclear,
            stage=STAGES[row.stage],
            going=row.going,
            said=[mask(words) for words in row.said],
        )
        for row in rows
    ]
    return found, rows[0].total if rows else 0


async def conversation(database: Database, row_id: int, zone: str) -> Conversation | None:
    """The visit that a row of the log belongs to, or None if there is no such row."""
    async with database.autocommit() as connection:
        rows = (await connection.execute(_ONE, {"id": row_id, "zone": zone})).all()
    if not rows:
        return None
    turns: list[Turn] = []
    number = None
    resident = rows[0].resident
    user_id = resident.partition(":")[2]
    for row in rows:
        entry = {"kind": row.kind, **_masked(row.data, user_id)}
        if "hidden" in row.data:
            entry["hidden"] = row.data["hidden"]  # shapes, which masking would hide
        if "typed" in entry:
            entry["payload"], entry["text"] = entry["text"], entry.pop("typed")
        if row.turn != number:
            number = row.turn
            turns.append(Turn(row.at, entry if row.kind == "user" else None, row=row.id))
        turn = turns[-1]
        if turn.user is not None and turn.user.get("asked") and _takes(entry):
            turn.user["taken"] = True
        turn.entries.append(entry)
        if row.kind == "bot":
            turn.bot.append(entry)
        elif row.kind not in ("user", "notice"):
            turn.actions.append(entry)
    return Conversation(resident, resident.partition(":")[0], rows[0].day, turns)


def _takes(entry: dict[str, Any]) -> bool:
    """Whether the form took the message as its answer here."""
    slots = entry.get("slots") or {}
    return any(slots.get(name) is not None for name in TAKEN)


def _masked(value: Any, user_id: str) -> Any:
    """The same with every string masked, whoever wrote the row."""
    if isinstance(value, str):
        return mask_for(user_id, value)
    if isinstance(value, list):
        return [_masked(one, user_id) for one in value]
    if isinstance(value, dict):
        return {key: _masked(one, user_id) for key, one in value.items()}
    return value
