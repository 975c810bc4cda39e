"""Lowers the confidence of a wish that may be none of ours, so that the bot asks instead."""

from __future__ import annotations

from dataclasses import dataclass

from nlu.familiarity import OUT_OF_SCOPE
from nlu.intent_model import RankedIntent


@dataclass(frozen=True)
class Doubt:
    """`foreign_share`: how likely, against the best wish, "not ours" may be.

    Beyond it `left` is what remains of the best wish's confidence (0 to 1); it lies below the
    threshold of the fallback.
    """

    foreign_share: float
    left: float

    def applied(self, ranking: list[RankedIntent], is_mash: bool) -> list[RankedIntent]:
        """The ranking (likeliest first, not empty), lowered as a whole where there is doubt."""
        best = ranking[0]
        foreign = next((item.confidence for item in ranking if item.name == OUT_OF_SCOPE), 0.0)
        if best.name == OUT_OF_SCOPE or best.confidence <= self.left:
            return ranking
        if foreign <= self.foreign_share * best.confidence and not is_mash:
            return ranking
        share = self.left / best.confidence
        return [RankedIntent(item.name, item.confidence * share) for item in ranking]
