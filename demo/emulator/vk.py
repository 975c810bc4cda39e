"""VK as the residents and the courier see it: permissions, events and the callback server."""

from __future__ import annotations

import copy
import json
import secrets
import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from demo.emulator.courier import Answer, Courier, Webhook
from demo.emulator.options import Options
from demo.emulator.residents import Resident
from demo.emulator.views import Author, ButtonView, ShownMessage
from demo.emulator.words import Words

VERSION = "5.199"
EVENT_ANSWER_SECONDS = 60.0


class Vk:
    """Plays VK's servers and clients for one community."""

    messenger = "vk"

    def __init__(
        self,
        options: Options,
        courier: Courier,
        words: Words,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._options = options
        self._courier = courier
        self._words = words
        self._now = now
        self._message_id = 0
        self._asked: dict[str, tuple[str, float]] = {}
        self.webhook = options.vk_webhook
        self.secret = options.vk_secret
        self.switched_off: set[str] = set()

    # --- what the courier asks

    def address(self, content: bytes) -> str:
        """The callback server."""
        return self.webhook

    def headers(self, content: bytes, attempt: int) -> dict[str, str]:
        """From the second attempt on VK counts the repetitions in a header."""
        repeated = {"X-Retry-Counter": str(attempt - 1)} if attempt > 1 else {}
        return {"Content-Type": "application/json", **repeated}

    def accepts(self, status: int, text: str) -> bool:
        """VK takes nothing but the word ok with 200."""
        return status == 200 and text == "ok"

    # --- what residents do

    def open(self, resident: Resident, context: str = "") -> None:
        """Presses the start button."""
        start = json.dumps({"command": "start"})
        self.say(resident, self._words.start_button, payload=start)

    def say(self, resident: Resident, text: str, *, payload: str | None = None) -> None:
        """Sends text; `payload` is the JSON string of the button that was pressed."""
        self._send(resident, "text", text, {"text": text}, payload=payload)

    def send_sticker(self, resident: Resident) -> None:
        """Sends a sticker."""
        sticker = {"product_id": 1, "sticker_id": 9001, "images": [], "images_with_background": []}
        self._attach(resident, "sticker", {"type": "sticker", "sticker": sticker})

    def send_picture(self, resident: Resident, address: str) -> None:
        """Sends the picture at an address of the emulator."""
        photo = {
            "id": self.next_id(),
            "album_id": -3,
            "owner_id": int(resident.user_id),
            "date": int(time.time()),
            "access_key": secrets.token_hex(9),
            "text": "",
            "sizes": [{"type": "x", "url": address, "width": 604, "height": 604}],
        }
        path = "/pictures/" + address.rsplit("/", 1)[-1]
        self._attach(resident, "picture", {"type": "photo", "photo": photo}, picture=path)

    def send_voice(self, resident: Resident) -> None:
        """Sends a voice message."""
        voice = {
            "id": self.next_id(),
            "owner_id": int(resident.user_id),
            "duration": 3,
            "access_key": secrets.token_hex(9),
            "waveform": [4, 9, 14, 22, 17, 8, 3],
            "link_mp3": "https://media.example/voice.mp3",
            "link_ogg": "https://media.example/voice.ogg",
        }
        self._attach(resident, "voice", {"type": "audio_message", "audio_message": voice})

    def send_contact(self, resident: Resident) -> None:
        """Shares the resident's telephone number: VK has no such thing, people type it."""
        self.say(resident, f"+{self._words.phone}")

    def send_location(self, resident: Resident) -> None:
        """Shares a place."""
        place = {
            "type": "point",
            "coordinates": {"latitude": self._words.latitude, "longitude": self._words.longitude},
        }
        self._send(resident, "location", self._words.place, {"text": "", "geo": place})

    def press(self, resident: Resident, button: ButtonView, message: ShownMessage | None) -> None:
        """Presses a button, of `message` if that carries the keyboard."""
        if button.action == "text":
            self.say(resident, button.caption, payload=button.value or None)
        elif button.action == "callback":
            self._ask(resident, button, message)
        elif button.action == "location":
            self.send_location(resident)
        if message is None and resident.keyboard is not None and resident.keyboard.one_time:
            resident.keyboard = None
            resident.changed()

    def allow(self, resident: Resident) -> None:
        """Allows the community to write."""
        resident.reachable, resident.blocked, resident.opened = True, False, True
        resident.changed()
        self._enqueue(resident, "message_allow", {"user_id": int(resident.user_id), "key": ""})

    def deny(self, resident: Resident) -> None:
        """Forbids the community to write."""
        resident.reachable, resident.blocked = False, True
        resident.changed()
        self._enqueue(resident, "message_deny", {"user_id": int(resident.user_id)})

    # --- what the API and the operator ask

    async def confirm(self, address: str | None = None, secret: str | None = None) -> Answer:
        """Asks a callback server, by default the present one, for the confirmation string."""
        trial = copy.copy(self)
        trial.webhook = address or self.webhook
        trial.secret = self.secret if secret is None else secret
        answer = await self._courier.attempt(trial, trial._event("confirmation", None), 1)
        right = answer.status == 200 and answer.text == self._options.vk_confirmation
        return Answer(answer.status, answer.text, right)

    def take_question(self, event_id: str) -> str | None:
        """Who pressed the callback button with this event id; once, and only within a minute."""
        user_id, asked = self._asked.pop(event_id, ("", 0.0))
        return user_id if user_id and self._now() - asked <= EVENT_ANSWER_SECONDS else None

    def next_id(self) -> int:
        """The next number of a message or a photo."""
        self._message_id += 1
        return self._message_id

    def _ask(self, resident: Resident, button: ButtonView, message: ShownMessage | None) -> None:
        event_id = secrets.token_hex(6)
        for old, (_, asked) in list(self._asked.items()):
            if self._now() - asked > EVENT_ANSWER_SECONDS:
                del self._asked[old]
        self._asked[event_id] = (resident.user_id, self._now())
        user_id = int(resident.user_id)
        content: dict[str, Any] = {
            "user_id": user_id,
            "peer_id": user_id,
            "event_id": event_id,
            "payload": json.loads(button.value or "{}"),
        }
        if message is not None:
            content["conversation_message_id"] = message.conversation_id
        self._enqueue(resident, "message_event", content)

    def _attach(
        self,
        resident: Resident,
        kind: str,
        attachment: dict[str, Any],
        picture: str | None = None,
    ) -> None:
        self._send(resident, kind, "", {"text": "", "attachments": [attachment]}, picture=picture)

    def _send(
        self,
        resident: Resident,
        kind: str,
        text: str,
        content: dict[str, Any],
        *,
        payload: str | None = None,
        picture: str | None = None,
    ) -> None:
        resident.opened = True
        if not resident.reachable:
            # The first message is a permission too, and VK says so before it passes the message.
            self.allow(resident)
        message_id = self.next_id()
        shown = resident.show(
            Author.RESIDENT, kind, text, state="waiting", api_id=str(message_id), picture=picture
        )
        user_id = int(resident.user_id)
        message = {
            "date": int(time.time()),
            "from_id": user_id,
            "id": message_id,
            "version": 10_000_000 + message_id,
            "out": 0,
            "peer_id": user_id,
            "conversation_message_id": shown.conversation_id,
            "attachments": [],
            "fwd_messages": [],
            "important": False,
            "is_hidden": False,
            "random_id": 0,
            **content,
        }
        if payload is not None:
            message["payload"] = payload
        client_info = {
            "button_actions": ["text", "vkpay", "open_app", "location", "open_link", "callback"],
            "keyboard": True,
            "inline_keyboard": True,
            "carousel": True,
            "lang_id": 0,
        }
        body = {"message": message, "client_info": client_info}
        self._enqueue(resident, "message_new", body, shown)

    def _enqueue(
        self,
        resident: Resident,
        event: str,
        content: Mapping[str, Any],
        shown: ShownMessage | None = None,
    ) -> None:
        if event not in self.switched_off:
            webhook = self._event(event, content, resident)
            resident.enqueue(partial(self._deliver, resident, webhook, shown))
            resident.changed()

    async def _deliver(
        self, resident: Resident, webhook: Webhook, shown: ShownMessage | None
    ) -> None:
        answer = await self._courier.deliver(self, webhook)
        if shown is not None:
            shown.state = "delivered" if answer.accepted else "failed"
            resident.message_changed(shown)

    def _event(
        self, event: str, content: Mapping[str, Any] | None, resident: Resident | None = None
    ) -> Webhook:
        event_id = secrets.token_hex(20)
        body: dict[str, Any] = {
            "group_id": self._options.vk_group_id,
            "type": event,
            "event_id": event_id,
            "v": VERSION,
            "secret": self.secret,
        }
        if content is not None:
            body["object"] = dict(content)
        return Webhook(
            event=event,
            event_id=event_id,
            body=body,
            resident=resident.key if resident else None,
            user_id=resident.user_id if resident else "",
        )
