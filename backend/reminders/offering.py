"""When a reminder may be offered, as SQL: read together with a turn, or asked by itself."""

from __future__ import annotations

from collections.abc import Hashable

MOST_OFFERS = 2
# An offer that was passed over is not repeated in the same month.
OFFER_AGAIN = "25 days"


def question(resident: str) -> tuple[Hashable, ...]:
    """Under what it is remembered in a turn (backend.asked)."""
    return ("may be offered", resident)


def may_be_offered_sql(resident: str, key: str) -> str:
    """SQL that is true if the submission `key`, once accepted, may bring an offer.

    Not the very first: whoever comes again has a use for it. The parts are SQL expressions.
    """
    return f"""(
        EXISTS (SELECT 1 FROM submissions
                 WHERE submissions.resident = {resident} AND submissions.key <> {key}
                   AND submissions.state = 'accepted')
        AND NOT EXISTS (SELECT 1 FROM reminder_choices
                         WHERE reminder_choices.resident = {resident}
                           AND (wanted IS NOT NULL OR offers >= {MOST_OFFERS}
                                OR offered_at >= now() - interval '{OFFER_AGAIN}')))"""
