"""Runs one turn through Rasa: the event becomes a user message, the answers become messages."""

from __future__ import annotations

import base64
import json
import re
from typing import Any

from rasa.core.agent import Agent
from rasa.core.channels.channel import CollectingOutputChannel, UserMessage

from backend.accounts.service import question as linked_accounts
from backend.asked import one_turn
from backend.delivery.buttons import Meaning, resolve
from backend.delivery.model import Button, EventKind, IncomingEvent, Keyboard
from backend.delivery.turn import Said, Turn
from backend.reminders.offering import question as offer
from server.phrases import phrase

# Longer messages are cut before they are understood; nobody's readings are that long.
MOST_CHARACTERS = 2000

# What makes typed words look like a payload to Rasa, however often: «/affirm», «/ /affirm».
_LIKE_A_PAYLOAD = re.compile(r"\A[\s/\\]+")
# «/affirm» is no word of a resident, with or without its slash; «/start» is a habit from elsewhere.
_COMMAND = re.compile(r"[/\\][\s/\\]*(?!(?:start|menu|help)\b)[A-Za-z_]+(?:\{.*)?", re.DOTALL)

# Payloads of events that are not words.
_PAYLOADS = {
    EventKind.START: "/main_menu",
    EventKind.OPENED: "/open_chat",
    EventKind.ATTACHMENT: "/unsupported_message",
}


class TurnOutput(CollectingOutputChannel):
    """Collects what Rasa says in a turn, under the messenger's own name.

    The name makes Rasa choose the `channel:` variations of the domain's responses.
    """

    def __init__(self, channel: str, turn: Turn) -> None:
        """Everything sent goes to `turn.said`."""
        super().__init__()
        self._channel = channel
        self._turn = turn

    def name(self) -> str:  # type: ignore[override]
        """The messenger's name."""
        return self._channel

    async def send_text_message(self, recipient_id: str, text: str, **kwargs: Any) -> None:
        """One message, blank lines and all."""
        self._turn.said.append(Said(text.strip()))

    async def send_text_with_buttons(
        self, recipient_id: str, text: str, buttons: list[dict[str, Any]], **kwargs: Any
    ) -> None:
        """One message and the buttons of the question it asks."""
        shown = tuple(Button(str(one["title"]), str(one["payload"])) for one in buttons)
        self._turn.said.append(Said(text.strip(), shown))

    async def send_custom_json(
        self, recipient_id: str, json_message: dict[str, Any], **kwargs: Any
    ) -> None:
        """The picture of the text before it: {"picture": "<base64 PNG>", "without": "<text>"}.

        `without` is what the text becomes where the picture can't be shown.
        """
        said = self._turn.said[-1]
        said.picture = base64.b64decode(json_message["picture"])
        said.without_picture = json_message.get("without")


class RasaTurns:
    """The turn handler of the inbox."""

    def __init__(self, agent: Agent) -> None:
        """`agent` is a loaded agent whose tracker store is a ConversationStore."""
        self.agent = agent

    async def handle(self, turn: Turn) -> None:
        """Lets Rasa answer the turn's event; see backend.delivery.turn.TurnHandler."""
        text = message_text(turn.event, turn.keyboards)
        resident = turn.event.resident
        message = UserMessage(
            text=text,
            output_channel=TurnOutput(turn.event.channel, turn),
            sender_id=resident,
            input_channel=turn.event.channel,
            metadata={"event_id": turn.event.event_id},
            parse_data=parsed_payload(text) if text.startswith("/") else None,
        )
        read = {linked_accounts(resident): turn.accounts, offer(resident): turn.may_be_offered}
        with one_turn(read):
            await self.agent.handle_message(message)
        if turn.event.kind is EventKind.LINKED:
            # An open form has asked again; the notice alone is said, and its buttons are shown.
            turn.said = turn.said[:1]

    async def actions_answer(self) -> bool:
        """True if the actions are there to be called."""
        return bool(await self.agent.action_endpoint.answers())

    def apologise(self, turn: Turn) -> None:
        """The apology and the menu of a turn that was given up, in a conversation begun anew."""
        turn.events = []
        turn.log = [{"kind": "parked"}]
        turn.said = [phrase(self.agent.domain, "utter_turn_failed", turn.event.channel)]


def message_text(event: IncomingEvent, keyboards: list[Keyboard]) -> str:
    """What Rasa is given for an event: a payload that the bot issued, or plain words.

    Typed text never acts as a payload: what looks like one is taken out, and a leading slash.
    """
    if event.kind in _PAYLOADS:
        return _PAYLOADS[event.kind]
    if event.kind is EventKind.LINKED:
        return "/report_link" + json.dumps({"account": event.text})
    if event.kind is EventKind.BUTTON and not keyboards:
        # A button from before everything was deleted: the conversation begins with it.
        return _PAYLOADS[EventKind.START]
    resolved = resolve(event, keyboards)
    if resolved.meaning is Meaning.PAYLOAD:
        return resolved.value
    if resolved.meaning is Meaning.CLOSED:
        return "/stale_button"
    return plain_words(resolved.value)


def plain_words(typed: str) -> str:
    """What Rasa is given for words that are no button's."""
    words = _COMMAND.sub(" ", typed[:MOST_CHARACTERS])
    return _LIKE_A_PAYLOAD.sub("", words).strip() or "/unsupported_message"


def parsed_payload(payload: str) -> dict[str, Any]:
    """What Rasa's own reading of «/intent{...}» gives, without running the classifier for it."""
    intent, brace, ids = payload.lstrip("/").partition("{")
    entities = [
        {"entity": name, "start": 0, "end": len(payload), "value": value}
        for name, value in json.loads(brace + ids or "{}").items()
    ]
    understood = {"name": intent, "confidence": 1.0}
    return {
        "text": payload,
        "intent": understood,
        "entities": entities,
        "intent_ranking": [understood],
    }
