"""What else was understood as one intent and is like a phrase that it was wrong for."""

from __future__ import annotations

import asyncio
from typing import Any

from sqlalchemy import text

from backend.delivery.masking import mask
from backend.storage.database import Database
from studio.likeness import Likeness
from studio.misunderstood import SAID
from studio.period import WITHIN, Period
from studio.phrases import Phrases, bare

MOST_COMPARED = 2000
MOST_SHOWN = 8

_SAME_INTENT = text(f"""
    SELECT {SAID} AS words, count(*) AS times,
           (jsonb_agg(data->'hidden' ORDER BY id DESC))->0 AS hidden
      FROM event_log
     WHERE kind = 'user' AND {WITHIN}
       AND data->>'intent' = :intent AND left(data->>'text', 1) <> '/'
     GROUP BY 1
     ORDER BY times DESC, words
     LIMIT {MOST_COMPARED}
""")


async def alike(
    database: Database,
    likeness: Likeness,
    phrases: Phrases,
    period: Period,
    *,
    phrase: str,
    intent: str,
) -> list[dict[str, Any]]:
    """The messages of the period, the likest first, without those that stand in the data."""
    async with database.autocommit() as connection:
        rows = await connection.execute(_SAME_INTENT, {**period.parameters, "intent": intent})
        found = [
            {"text": mask(row.words), "times": row.times, "hidden": row.hidden or []}
            for row in rows
        ]
    known = await asyncio.to_thread(phrases.known)
    seen = {bare(phrase), *known}
    others = [one for one in found if bare(str(one["text"])) not in seen]
    near = await asyncio.to_thread(likeness.like, phrase, [str(one["text"]) for one in others])
    return [others[place] for place in near[:MOST_SHOWN]]
