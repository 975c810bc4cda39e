"""Viber as the bot and the residents see it: subscriptions, events and what is shown."""

from __future__ import annotations

import copy
import hashlib
import hmac
import json
import secrets
import time
from collections.abc import Mapping
from functools import partial
from typing import Any

from demo.emulator.courier import Courier, Webhook
from demo.emulator.options import Options
from demo.emulator.residents import Resident
from demo.emulator.viber_checks import API_VERSION, ViberRefusal, check_message
from demo.emulator.viber_keyboard import keyboard_view
from demo.emulator.views import Author, ButtonView, ShownMessage
from demo.emulator.words import Words

MANDATORY_EVENTS = frozenset({"message", "subscribed", "unsubscribed"})
OPTIONAL_EVENTS = frozenset({"conversation_started", "delivered", "seen", "failed"})


class Viber:
    """Plays Viber's servers and clients for one bot."""

    messenger = "viber"

    def __init__(self, options: Options, courier: Courier, words: Words) -> None:
        self._options = options
        self._courier = courier
        self._words = words
        self.webhook = options.viber_webhook
        receipts = OPTIONAL_EVENTS if options.receipts else {"conversation_started", "failed"}
        self.events = MANDATORY_EVENTS | receipts

    # --- what the courier asks

    def address(self, content: bytes) -> str:
        """The webhook with the signature in its query, where Viber repeats it."""
        if not self.webhook:
            return ""
        mark = "&" if "?" in self.webhook else "?"
        return f"{self.webhook}{mark}sig={self.sign(content)}"

    def headers(self, content: bytes, attempt: int) -> dict[str, str]:
        """The signature of exactly these bytes."""
        return {
            "Content-Type": "application/json",
            "X-Viber-Content-Signature": self.sign(content),
        }

    def accepts(self, status: int, text: str) -> bool:
        """Viber is content with 200, whatever the body."""
        return status == 200

    def sign(self, content: bytes) -> str:
        """The lower-case hexadecimal HMAC-SHA256 under the bot's token."""
        key = self._options.viber_token.encode()
        return hmac.new(key, content, hashlib.sha256).hexdigest()

    # --- what residents do

    def open(self, resident: Resident, context: str = "") -> None:
        """Opens the chat, which the bot may greet in its answer."""
        resident.opened = True
        resident.changed()
        if "conversation_started" not in self.events:
            return
        body = {
            "event": "conversation_started",
            "type": "open",
            **({"context": context} if context else {}),
            "user": self.user(resident),
            "subscribed": resident.reachable,
        }
        resident.enqueue(partial(self._greet, resident, self._event(body, resident)))

    def say(
        self,
        resident: Resident,
        text: str,
        *,
        tracking_data: str | None = None,
        silent: bool = False,
    ) -> None:
        """Sends text. `tracking_data` replaces what Viber would send back from the last message."""
        self._send(
            resident, {"type": "text", "text": text}, "text", text, tracking_data, silent=silent
        )

    def send_sticker(self, resident: Resident) -> None:
        """Sends a sticker."""
        self._send(resident, {"type": "sticker", "sticker_id": 46105}, "sticker", "")

    def send_picture(self, resident: Resident, address: str) -> None:
        """Sends the picture at an address of the emulator."""
        content = {"type": "picture", "media": address, "file_name": "photo.png"}
        path = "/pictures/" + address.rsplit("/", 1)[-1]
        self._send(resident, content, "picture", "", picture=path)

    def send_voice(self, resident: Resident) -> None:
        """Sends a voice message, which Viber passes to bots as a file."""
        content = {
            "type": "file",
            "media": "https://media.example/voice.m4a",
            "file_name": "voice.m4a",
            "size": 12000,
        }
        self._send(resident, content, "voice", "")

    def send_contact(self, resident: Resident) -> None:
        """Shares the resident's telephone number."""
        contact = {"name": resident.name, "phone_number": self._words.phone}
        content = {"type": "contact", "contact": contact}
        self._send(resident, content, "contact", f"{resident.name}, +{self._words.phone}")

    def send_location(self, resident: Resident) -> None:
        """Shares a place."""
        place = {"lat": self._words.latitude, "lon": self._words.longitude}
        self._send(resident, {"type": "location", "location": place}, "location", self._words.place)

    def press(self, resident: Resident, button: ButtonView, message: ShownMessage | None) -> None:
        """Presses a button of the keyboard."""
        if button.action == "share-phone":
            self.send_contact(resident)
        elif button.action == "location-picker":
            self.send_location(resident)
        elif button.action in ("reply", "open-url"):
            self.say(resident, button.value, silent=button.silent)

    def allow(self, resident: Resident) -> None:
        """Subscribes, which wipes the tracking data."""
        resident.reachable, resident.blocked, resident.opened = True, False, True
        resident.tracking_data = None
        resident.changed()
        body = {"event": "subscribed", "user": self.user(resident)}
        resident.enqueue(partial(self._deliver, self._event(body, resident)))

    def deny(self, resident: Resident) -> None:
        """Unsubscribes."""
        resident.reachable, resident.blocked = False, True
        resident.changed()
        body = {"event": "unsubscribed", "user_id": resident.user_id}
        resident.enqueue(partial(self._deliver, self._event(body, resident)))

    # --- what the bot's messages do

    def show(self, resident: Resident, body: Mapping[str, Any], token: str) -> ShownMessage | None:
        """Puts a checked message on the phone. A keyboard alone shows no message."""
        if "keyboard" in body:
            resident.keyboard = keyboard_view(body["keyboard"])
        resident.tracking_data = body.get("tracking_data")
        kind = body.get("type")
        if kind is None:
            resident.changed()
            return None
        text = body.get("text", "")
        if kind == "contact":
            text = f"{body['contact'].get('name', '')} {body['contact']['phone_number']}".strip()
        return resident.show(
            Author.BOT,
            kind,
            text,
            api_id=token,
            tracking_data=resident.tracking_data,
            link=body.get("media") if kind in ("url", "video", "file") else None,
        )

    def report(self, resident: Resident, event: str, token: int, reason: str = "") -> None:
        """Sends a delivered, seen or failed callback, if the bot asked for it."""
        if event in self.events:
            body: dict[str, Any] = {"event": event, "user_id": resident.user_id}
            if reason:
                body["desc"] = reason
            webhook = self._event(body, resident, token=token)
            resident.enqueue(partial(self._deliver, webhook))

    async def confirm(self, address: str) -> bool:
        """Calls the webhook as Viber does when it is set; True if it answered 200."""
        trial = copy.copy(self)
        trial.webhook = address
        answer = await self._courier.attempt(trial, self._event({"event": "webhook"}), 1)
        return answer.accepted

    def user(self, resident: Resident) -> dict[str, Any]:
        """The resident as Viber describes users."""
        return {
            "id": resident.user_id,
            "name": resident.name,
            "avatar": "",
            "country": "RU",
            "language": "ru",
            "api_version": API_VERSION,
        }

    def _send(
        self,
        resident: Resident,
        content: dict[str, Any],
        kind: str,
        text: str,
        tracking_data: str | None = None,
        *,
        silent: bool = False,
        picture: str | None = None,
    ) -> None:
        # The first message subscribes without a `subscribed` callback.
        resident.reachable, resident.blocked, resident.opened = True, False, True
        resident.unanswered = 0
        tracking = resident.tracking_data if tracking_data is None else tracking_data
        if tracking:
            content = {**content, "tracking_data": tracking}
        body = {
            "event": "message",
            "sender": self.user(resident),
            "message": content,
            "silent": silent,
        }
        webhook = self._event(body, resident)
        shown = None
        if not silent:
            shown = resident.show(
                Author.RESIDENT,
                kind,
                text,
                state="waiting",
                api_id=webhook.event_id,
                picture=picture,
            )
        resident.enqueue(partial(self._deliver, webhook, resident, shown))
        resident.changed()

    async def _deliver(
        self,
        webhook: Webhook,
        resident: Resident | None = None,
        shown: ShownMessage | None = None,
    ) -> None:
        answer = await self._courier.deliver(self, webhook)
        if resident is not None and shown is not None:
            shown.state = "delivered" if answer.accepted else "failed"
            resident.message_changed(shown)

    async def _greet(self, resident: Resident, webhook: Webhook) -> None:
        answer = await self._courier.deliver(self, webhook)
        if not answer.accepted or answer.text.strip() in ("", "{}"):
            return
        try:
            body = json.loads(answer.text)
            if not isinstance(body, dict):
                raise ViberRefusal(3, "the welcome message is not an object")
            check_message(body)
        except (ValueError, ViberRefusal) as error:
            resident.show(Author.SERVICE, "welcome_refused", str(error))
            return
        self.show(resident, body, webhook.event_id)

    def _event(
        self, body: dict[str, Any], resident: Resident | None = None, token: int | None = None
    ) -> Webhook:
        token = new_token() if token is None else token
        full = {**body, "timestamp": time.time_ns() // 1_000_000, "message_token": token}
        return Webhook(
            event=str(body["event"]),
            event_id=str(token),
            body=full,
            resident=resident.key if resident else None,
            user_id=resident.user_id if resident else "",
        )


def new_token() -> int:
    """A message token: unique, and too large for a double as Viber's are."""
    return 2**62 + secrets.randbelow(2**62)
