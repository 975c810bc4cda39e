"""Runs actions as Rasa would, over fakes: one resident, the slots, the open form."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from rasa_sdk.executor import ActionExecutor

from actions.help import ANSWER
from backend.billing.model import Meter
from tests.actions.action_fakes import ONE, FakeAccounts, FakeBilling

FORM = "submit_readings_form"
# What the name of every doubt begins with.
DOUBT = "utter_reading_question_"

ROOT = Path(__file__).parents[2]
_PLACEHOLDER = re.compile(r"(?<!{){(\w+)}(?!})")


def load_domain() -> dict[str, Any]:
    """domain.yml and domain/ as one, the way actions get it.

    Questions that were added to a form without code are Rasa's own affair and left out.
    """
    merged: dict[str, Any] = {}
    for path in [ROOT / "domain.yml", *sorted((ROOT / "domain").glob("*.yml"))]:
        for key, value in yaml.safe_load(path.read_text(encoding="utf-8")).items():
            if isinstance(value, dict):
                merged.setdefault(key, {}).update(value)
            elif isinstance(value, list):
                merged.setdefault(key, []).extend(value)
    for form in merged["forms"].values():
        form["required_slots"] = [
            name for name in form["required_slots"] if not name.startswith(ANSWER)
        ]
    return merged


def main_menu() -> dict[str, str]:
    """The buttons of the main menu as designers made it: captions and payloads."""
    (menu,) = load_domain()["responses"]["utter_main_menu"]
    return {button["title"]: button["payload"] for button in menu["buttons"]}


@dataclass(frozen=True)
class Heard:
    """One message of the bot: the response's name, its variables, and the payloads by caption."""

    response: str
    variables: dict[str, Any]
    buttons: dict[str, str]
    text: str
    custom: dict[str, Any] = field(default_factory=dict)


@dataclass
class Talk:
    """One resident's conversation as far as actions see it."""

    domain: dict[str, Any]
    executor: ActionExecutor
    resident: str = "vk:1"
    slots: dict[str, Any] = field(default_factory=dict)
    loop: str | None = None
    heard: list[Heard] = field(default_factory=list)
    followup: str | None = None
    message: dict[str, Any] = field(default_factory=dict)
    latest_action: str = "action_listen"
    rejected: bool = False
    event_number: int = 0

    def __post_init__(self) -> None:
        for name in self.domain["slots"]:
            self.slots.setdefault(name, None)
        self.slots.setdefault("requested_slot", None)

    @property
    def responses(self) -> list[str]:
        """The names of the responses heard in the last step."""
        return [one.response for one in self.heard]

    @property
    def asked(self) -> str | None:
        """The slot that is asked for."""
        found: str | None = self.slots["requested_slot"]
        return found

    def one(self, response: str) -> Heard:
        """The only message of that response in the last step."""
        (found,) = [one for one in self.heard if one.response == response]
        return found

    async def open(self, form: str, words: str = "", intent: str = "submit_readings") -> Talk:
        """A message that opens a form."""
        self._hear(words or f"/{intent}", intent)
        self.loop = form
        return await self._form(opens=True)

    async def press_to_open(self, form: str, payload: str) -> Talk:
        """A pressed button, by its payload, that opens a form."""
        name, brace, rest = payload.removeprefix("/").partition("{")
        self._hear(payload, name, json.loads(brace + rest) if brace else {})
        self.loop = form
        return await self._form(opens=True)

    async def say(self, words: str, intent: str = "provide_number") -> Talk:
        """Typed words, understood as `intent`, that go to the open form."""
        self._hear(words, intent)
        return await self._form()

    async def press(self, payload: str) -> Talk:
        """A pressed button, by its payload, that goes to the open form."""
        name, brace, rest = payload.removeprefix("/").partition("{")
        entities = json.loads(brace + rest) if brace else {}
        self._hear(payload, name, entities)
        return await self._form()

    async def act(
        self,
        action: str,
        words: str = "",
        intent: str = "greet",
        ranking: tuple[str, ...] = (),
    ) -> Talk:
        """One action in answer to a message."""
        self._hear(words or f"/{intent}", intent)
        self.message["intent_ranking"] = [{"name": name, "confidence": 0.1} for name in ranking]
        await self._run(action)
        return self

    async def report(self, account: str) -> Talk:
        """The bot itself tells that somebody else has linked the account."""
        self._hear("/report_link", "report_link", {"account": account})
        await self._run("action_report_link")
        return self

    async def then(self, action: str) -> Talk:
        """One more action in the same turn."""
        self.heard = []
        await self._run(action)
        return self

    def _hear(self, text: str, intent: str, entities: dict[str, Any] | None = None) -> None:
        self.heard, self.followup, self.latest_action = [], None, "action_listen"
        self.event_number += 1
        self.message = {
            "text": text,
            "intent": {"name": intent, "confidence": 1.0},
            "entities": [
                {"entity": key, "value": value} for key, value in (entities or {}).items()
            ],
            "intent_ranking": [{"name": intent, "confidence": 1.0}],
            "metadata": {"event_id": f"e-{self.event_number}"},
        }

    async def _form(self, *, opens: bool = False) -> Talk:
        """What Rasa's form does in a turn: validate, then ask for the first empty slot, or end."""
        assert self.loop is not None
        form = self.loop
        set_here = await self._run(f"validate_{form}")
        self.rejected = not opens and not set_here - {"requested_slot"}
        if self.rejected:
            # Rasa leaves the message to the rules.
            return self
        if "requested_slot" not in set_here:
            required = self.domain["forms"][form]["required_slots"]
            self.slots["requested_slot"] = next(
                (name for name in required if self.slots[name] is None), None
            )
        slot = self.asked
        if slot is None:
            self.loop = None
        elif f"action_ask_{form}_{slot}" in self.executor.actions:
            await self._run(f"action_ask_{form}_{slot}")
        else:
            self._say({"response": f"utter_ask_{form}_{slot}"})
        return self

    async def _run(self, action: str) -> set[str]:
        result = await self.executor.run(
            {
                "next_action": action,
                "domain": self.domain,
                "tracker": {
                    "sender_id": self.resident,
                    "slots": dict(self.slots),
                    "latest_message": self.message,
                    "events": [{"event": "user", "text": self.message["text"]}],
                    "paused": False,
                    "followup_action": None,
                    "active_loop": {"name": self.loop} if self.loop else {},
                    "latest_action_name": self.latest_action,
                    "latest_input_channel": self.resident.partition(":")[0],
                },
            }
        )
        self.latest_action = action
        # Rasa sends events and answers as JSON, so nothing else may be in them.
        result = json.loads(json.dumps(result))
        for answer in result["responses"]:
            self._say(answer)
        names = set()
        for event in result["events"]:
            if event["event"] == "slot":
                assert event["name"] in self.slots, f"no slot {event['name']} in the domain"
                self.slots[event["name"]] = event["value"]
                names.add(event["name"])
            elif event["event"] == "active_loop":
                self.loop = event["name"]
            elif event["event"] == "followup":
                self.followup = event["name"]
        return names

    def _say(self, answer: dict[str, Any]) -> None:
        known = {"response", "text", "buttons", "elements", "custom", "template", "image"}
        name = answer["response"]
        assert not answer.get("text"), f"{name}: words come from Python: {answer['text']}"
        variables = {
            key: value for key, value in answer.items() if key not in known | {"attachment"}
        }
        texts = self.domain["responses"][name]
        words = texts[0]["text"]
        values = {**self.slots, **variables}
        missing = {one for one in _PLACEHOLDER.findall(words) if values.get(one) is None}
        assert not missing, f"{name}: nobody fills {missing}"
        buttons = [*texts[0].get("buttons", []), *(answer.get("buttons") or [])]
        self.heard.append(
            Heard(
                name,
                variables,
                {one["title"]: one["payload"] for one in buttons},
                # Whether a space may break a line is no concern of these tests.
                _PLACEHOLDER.sub(lambda found: str(values[found.group(1)]), words).replace(
                    "\u00a0", " "
                ),
                answer.get("custom") or {},
            )
        )


async def with_meter(
    talk: Talk, accounts: FakeAccounts, billing: FakeBilling, *meters: Meter
) -> Talk:
    """A form over these meters."""
    billing.put(ONE, *meters)
    accounts.linked["vk:1"] = [ONE]
    return await talk.open(FORM)
