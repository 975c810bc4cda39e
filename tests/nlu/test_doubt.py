"""A wish that may be none of ours is lowered, with all that follows it."""

from __future__ import annotations

import pytest

from nlu.doubt import Doubt
from nlu.intent_model import RankedIntent

DOUBT = Doubt(foreign_share=0.25, left=0.3)


def ranking(*candidates: tuple[str, float]) -> list[RankedIntent]:
    return [RankedIntent(name, confidence) for name, confidence in candidates]


def test_a_wish_that_is_nearly_as_likely_foreign_is_lowered_but_stays_first() -> None:
    before = ranking(("submit_readings", 0.6), ("out_of_scope", 0.2), ("help", 0.1))
    after = DOUBT.applied(before, is_mash=False)
    assert [one.name for one in after] == [one.name for one in before]
    assert [one.confidence for one in after] == pytest.approx([0.3, 0.1, 0.05])


@pytest.mark.parametrize(
    "believed",
    [
        ranking(("submit_readings", 0.8), ("out_of_scope", 0.2)),
        ranking(("submit_readings", 0.8), ("help", 0.2)),
        ranking(("out_of_scope", 0.5), ("submit_readings", 0.4)),
        ranking(("submit_readings", 0.25), ("out_of_scope", 0.25)),
    ],
    ids=["clear wish", "nothing foreign learnt", "foreign already", "unsure already"],
)
def test_what_needs_no_doubt_stays(believed: list[RankedIntent]) -> None:
    assert DOUBT.applied(believed, is_mash=False) == believed


def test_a_slip_of_the_hand_is_doubted_however_sure_the_model_is() -> None:
    after = DOUBT.applied(ranking(("affirm", 0.9), ("deny", 0.1)), is_mash=True)
    assert after[0].confidence == pytest.approx(0.3)
