"""Messages not understood, answered by a guess or turned away, as the event log has them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.sql.elements import TextClause

from backend.delivery.masking import mask
from backend.storage.database import Database
from nlu.familiarity import OUT_OF_SCOPE
from studio.period import WITHIN, Period

FALLBACK = "nlu_fallback"
# A ranking's confidences are calibrated: below a half the guess is more likely wrong than right.
GUESS = 0.5
# A phrase of the data itself is certain.
CERTAIN = 0.999
MOST_TEXTS = 10_000
# Set by a form that took the message as the answer it asked for, whatever its intent.
TAKEN = (
    "account_number", "account_to_unlink", "meter_to_correct", "offered_number", "reading",
    "reading_question", "readings", "readings_confirmed", "submission_account", "unlink_confirmed",
)  # fmt: skip


# What the resident typed, which the bot may have been given in other words.
SAID = "coalesce(data->>'typed', data->>'text')"
# Of a message of the resident: the form that asked did not take it as its answer.
_NOT_TAKEN = """NOT (message.data->>'asked' IS NOT NULL AND EXISTS (
           SELECT 1 FROM event_log AS action
            WHERE action.resident = message.resident AND action.id > message.id
              AND action.turn = message.turn AND action.kind IN ('user', 'action')
              AND jsonb_exists_any(jsonb_strip_nulls(action.data->'slots'), :taken)))"""
_CONFIDENCE = "coalesce(CAST(message.data->>'confidence' AS float), 0)"
# Of a row of the log that is called `message`; needs UNCLEAR_PARAMETERS.
_WRITTEN = f"""message.kind = 'user'
       AND message.data->>'text' <> '' AND left(message.data->>'text', 1) <> '/'
       AND {_NOT_TAKEN}"""
UNCLEAR = f"""{_WRITTEN}
       AND (message.data->>'intent' = '{FALLBACK}' OR {_CONFIDENCE} < :guess)"""
# Taken with confidence for something that is none of the utility's business.
_TURNED_AWAY = f"""{_WRITTEN}
       AND message.data->>'intent' = '{OUT_OF_SCOPE}'
       AND {_CONFIDENCE} >= :guess AND {_CONFIDENCE} < {CERTAIN}"""
UNCLEAR_PARAMETERS = {"guess": GUESS, "taken": list(TAKEN)}


@dataclass(frozen=True)
class UnclearText:
    """One text, however often it was sent. `latest` is the log's id of the last time.

    `shapes` are those that its hidden numbers had, each time's in order; None where the log does
    not know. `asked`: some time a question was open. `intents` are what it was understood as.
    """

    text: str
    times: int
    people: int
    latest: int
    last_at: datetime
    not_understood: int
    shapes: tuple[tuple[str, ...] | None, ...] = (None,)
    asked: bool = False
    intents: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Occasion:
    """What the bot thought and answered when a text came the last time."""

    intent: str | None
    confidence: float | None
    ranking: list[tuple[str, float]]
    asked: str | None
    answers: list[str]


def _texts(condition: str) -> TextClause:
    return text(f"""
        SELECT {SAID} AS words, count(*) AS times, count(DISTINCT resident) AS people,
               max(id) AS latest, max(at) AS last_at,
               count(*) FILTER (WHERE data->>'intent' = '{FALLBACK}') AS not_understood,
               jsonb_agg(DISTINCT data->'hidden') AS shapes,
               bool_or(data->>'asked' IS NOT NULL) AS asked,
               jsonb_agg(DISTINCT data->'intent') AS intents
          FROM event_log AS message
         WHERE {condition} AND {WITHIN}
           AND (CAST(:search AS text) IS NULL OR {SAID} ILIKE :search)
         GROUP BY 1
         ORDER BY times DESC, words
         LIMIT {MOST_TEXTS}
    """)


_UNCLEAR_TEXTS, _TURNED_AWAY_TEXTS = _texts(UNCLEAR), _texts(_TURNED_AWAY)
_OCCASIONS = text("""
    SELECT message.id, message.data,
           ARRAY(SELECT coalesce(answer.data->>'text', '') FROM event_log AS answer
                  WHERE answer.resident = message.resident AND answer.turn = message.turn
                    AND answer.kind = 'bot' AND answer.id > message.id
                  ORDER BY answer.id) AS answers
      FROM event_log AS message
     WHERE message.id = ANY(:ids)
""")


async def unclear_texts(
    database: Database,
    period: Period,
    search: str | None = None,
    *,
    turned_away: bool = False,
) -> list[UnclearText]:
    """The texts of the period, the most frequent first; at most MOST_TEXTS.

    `turned_away`: those that were taken for somebody else's business instead.
    """
    async with database.autocommit() as connection:
        rows = await connection.execute(
            _TURNED_AWAY_TEXTS if turned_away else _UNCLEAR_TEXTS,
            {
                **period.parameters,
                **UNCLEAR_PARAMETERS,
                "search": pattern(search),
            },
        )
        return [
            UnclearText(
                text=mask(row.words),
                times=row.times,
                people=row.people,
                latest=row.latest,
                last_at=row.last_at,
                not_understood=row.not_understood,
                shapes=tuple(None if one is None else tuple(one) for one in row.shapes),
                asked=row.asked,
                intents=frozenset(str(one) for one in row.intents),
            )
            for row in rows
        ]


async def occasions(database: Database, ids: list[int]) -> dict[int, Occasion]:
    """What was thought and answered, by the log's ids."""
    async with database.autocommit() as connection:
        rows = (await connection.execute(_OCCASIONS, {"ids": ids})).all()
    return {row.id: _occasion(row.data, row.answers) for row in rows}


def _occasion(data: dict[str, Any], answers: list[str]) -> Occasion:
    return Occasion(
        intent=data.get("intent"),
        confidence=data.get("confidence"),
        ranking=[
            (str(name), float(confidence))
            for name, confidence in data.get("ranking") or []
            if name and name != FALLBACK
        ],
        asked=data.get("asked"),
        answers=[mask(answer) for answer in answers],
    )


def pattern(search: str | None) -> str | None:
    """ILIKE's pattern for texts that contain the words."""
    if not search or not search.strip():
        return None
    plain = search.strip().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{plain}%"
