"""How the report calls sets of phrases and intents; docs/designers.md uses the same words."""

from __future__ import annotations

from benchmarks.nlu.measuring import FALLBACK, OUT_OF_SCOPE

SETS = {
    "dev": "настройка",
    "test": "контроль",
    "near": "чужие рядом",
    "left_out": "чужие без своего заголовка",
    "public_out_of_scope": "чужие из открытого набора",
}
INTENTS = {FALLBACK: "не понял, переспросил", OUT_OF_SCOPE: "чужое (out_of_scope)"}
LEAD = (
    "«Настройка» — фразы, на которые можно смотреть, когда учите бота; «контроль» — незнакомые, "
    "по ним судят; «чужие рядом» — настоящие вопросы рядом с нашей темой, но не к нам: бот должен "
    "отказаться. «Не понял, переспросил» — намерение nlu_fallback; помогают новые фразы в нужном "
    "намерении."
)
NOT_MEASURED = "не измерено: нет фраз в tests/nlu"


def called(intent: str) -> str:
    """An intent's name, or Russian words for the two that nobody writes phrases for."""
    return INTENTS.get(intent, intent)
