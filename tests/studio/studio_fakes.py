"""A bot that is told what it understands, and rows of the event log."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import text

from backend.storage.database import Database
from studio.bot import Mismatch, Reading
from studio.phones import Bubble, Key, Line, Screen
from studio.phrases import Assignment, Phrases

FILES = {
    "data/help/nlu.yml": """# Фразы.
version: "3.1"

nlu:
  # Коротко
  - intent: thank
    examples: |
      - спасибо
      - благодарю  # это часть фразы

  - intent: complaint
    examples: |
      - нет воды
""",
    "data/accounts/nlu.yml": """version: "3.1"

nlu:
  - intent: list_accounts
    examples: |
      - мои счета
""",
    "tests/stories/test_help.yml": """version: "3.1"

# Проверки.
stories:
  - story: Thanks
    steps:
      - user: |-
          спасибо
        intent: thank
      - action: utter_thank
""",
    "tests/nlu/test.tsv": "intent\ttext\nthank\tбольшое человеческое спасибо\n",
}


def write_project(root: Path) -> Path:
    """The smallest project that the page works on."""
    for name, content in FILES.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    return root


def add(phrases: Phrases, intent: str, said: Sequence[str]) -> Assignment:
    """Writes phrases as the page does, without asking about near ones."""
    planned = phrases.plan(intent, said)
    phrases.write(planned)
    return planned


class FakeBot:
    """Understands `known`; takes any model whose file says «good»."""

    def __init__(self) -> None:
        self.model: str | None = "old.tar.gz"
        self.texts = {"utter_wish_list_accounts": "Мои счета"}
        self.influencing_slots = frozenset({"has_linked_account"})
        self.forms = frozenset({"link_account_form"})
        self.known: dict[str, Reading] = {}
        self.asked: list[str] = []
        self.mismatches: list[Mismatch] = []
        self.wordings: dict[tuple[str, str], str] = {}

    def screen(self, channel: str, lines: Sequence[Line], *, opening: bool) -> Screen:
        """Buttons one below the other; Viber's greeting is one message."""
        bubbles = [Bubble(place, line.text, line.picture) for place, line in enumerate(lines)]
        if opening and channel == "viber":
            bubbles = [Bubble(0, " / ".join(line.text for line in lines))]
        keys = [[Key(caption, channel)] for line in lines for caption, _ in line.buttons]
        return Screen(bubbles, keys or None)

    def wording(self, response: str, channel: str) -> str | None:
        return self.wordings.get((response, channel))

    async def read(self, words: str) -> Reading:
        self.asked.append(words)
        return self.known.get(words, Reading("nlu_fallback", 0.2, [("thank", 0.2)]))

    async def rehearse(self, story: str) -> list[Mismatch]:
        return self.mismatches

    async def take(self, model: Path) -> None:
        if model.read_text() != "good":  # noqa: ASYNC240 (a few bytes)
            raise ValueError("not a model")
        self.model = model.name


class Log:
    """Writes turns of residents into the event log, one after another."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._turns: dict[str, int] = {}

    async def turn(
        self,
        words: str,
        intent: str,
        confidence: float,
        *,
        resident: str = "vk:1",
        at: str = "2026-11-10T12:00:00+03:00",
        answers: Sequence[str] = ("ответ",),
        actions: Sequence[dict[str, Any]] = (),
        **fields: Any,
    ) -> int:
        """Writes a turn and returns the id of its first row."""
        self._turns[resident] = number = self._turns.get(resident, 0) + 1
        message = {"text": words, "intent": intent, "confidence": confidence, "ranking": []}
        rows: list[tuple[str, dict[str, Any]]] = [("user", {**message, **fields})]
        rows += [("action", dict(action)) for action in actions]
        rows += [("bot", {"text": one, "response": None, "buttons": []}) for one in answers]
        return min([await self.row(resident, number, kind, data, at) for kind, data in rows])

    async def notice(
        self,
        words: str,
        *,
        resident: str = "vk:1",
        at: str = "2026-11-10T12:00:00+03:00",
    ) -> int:
        """Writes a turn that the bot began by itself and returns the id of its first row."""
        self._turns[resident] = number = self._turns.get(resident, 0) + 1
        begun = {"text": "/report_link{}", "intent": "report_link", "confidence": 1.0}
        said = {"text": words, "response": None, "buttons": []}
        rows = [("notice", begun), ("bot", said)]
        return min([await self.row(resident, number, kind, data, at) for kind, data in rows])

    async def row(self, resident: str, turn: int, kind: str, data: dict[str, Any], at: str) -> int:
        """Writes one row and returns its id."""
        statement = text("""
            INSERT INTO event_log (resident, turn, kind, data, at)
            VALUES (:resident, :turn, :kind, CAST(:data AS jsonb), :at) RETURNING id
        """)
        values = {
            "resident": resident,
            "turn": turn,
            "kind": kind,
            "data": json.dumps(data, ensure_ascii=False),
            "at": datetime.fromisoformat(at),
        }
        async with self._database.autocommit() as connection:
            return int((await connection.execute(statement, values)).scalar_one())

    async def submission(self, resident: str, at: str, state: str) -> None:
        """Writes a confirmed submission."""
        statement = text("""
            INSERT INTO submissions
                (key, resident, channel, user_id, account, readings, state, submitted_at)
            VALUES (:key, :resident, 'vk', '1', '7060012345', '[]', :state, :at)
        """)
        values = {
            "key": f"{resident} {at}",
            "resident": resident,
            "state": state,
            "at": datetime.fromisoformat(at),
        }
        async with self._database.autocommit() as connection:
            await connection.execute(statement, values)
