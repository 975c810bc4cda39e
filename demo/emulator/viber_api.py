"""The methods of chatapi.viber.com/pa that a bot calls, with their checks and status codes."""

from __future__ import annotations

import asyncio
import hmac
import time
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

import httpx

from demo.emulator.options import Options
from demo.emulator.pictures import NotAPicture, Pictures
from demo.emulator.residents import Resident, Residents
from demo.emulator.viber import MANDATORY_EVENTS, OPTIONAL_EVENTS, Viber, new_token
from demo.emulator.viber_checks import ViberRefusal, check_message, parse_body
from demo.emulator.views import ShownMessage

MAX_UNANSWERED = 100
UNANSWERED_WINDOW = 3600.0
MAX_BROADCAST = 300
MAX_DETAILS = 2
DETAILS_WINDOW = 12 * 3600.0
MAX_VIBER_PICTURE = 1024 * 1024

Method = Callable[[Mapping[str, Any]], Awaitable[dict[str, Any]]]


class ViberApi:
    """Answers the bot's calls. HTTP is always 200: the outcome is in `status`."""

    def __init__(
        self,
        options: Options,
        viber: Viber,
        residents: Residents,
        pictures: Pictures,
        client: httpx.AsyncClient,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._options = options
        self._viber = viber
        self._residents = residents
        self._pictures = pictures
        self._client = client
        self._now = now
        self._asked_details: dict[str, deque[float]] = defaultdict(deque)
        self._background: set[asyncio.Task[None]] = set()
        self.methods: dict[str, Method] = {
            "send_message": self._send_message,
            "broadcast_message": self._broadcast_message,
            "set_webhook": self._set_webhook,
            "get_account_info": self._get_account_info,
            "get_user_details": self._get_user_details,
            "get_online": self._get_online,
        }

    async def call(self, method: str, headers: Mapping[str, str], raw: bytes) -> dict[str, Any]:
        """Answers one call of a known method."""
        try:
            body = parse_body(raw or b"{}")
            self._authorise(headers, body)
            return {"status": 0, "status_message": "ok", **await self.methods[method](body)}
        except ViberRefusal as refusal:
            return {"status": refusal.status, "status_message": refusal.status_message}

    async def stop(self) -> None:
        """Abandons pictures that are still being fetched."""
        for task in list(self._background):
            task.cancel()
        await asyncio.gather(*self._background, return_exceptions=True)

    def _authorise(self, headers: Mapping[str, str], body: Mapping[str, Any]) -> None:
        token = headers.get("x-viber-auth-token") or body.get("auth_token")
        if not token:
            raise ViberRefusal(2, "missing_auth_token")
        if not hmac.compare_digest(str(token).encode(), self._options.viber_token.encode()):
            raise ViberRefusal(2)

    async def _send_message(self, body: Mapping[str, Any]) -> dict[str, Any]:
        if not self._viber.webhook:
            raise ViberRefusal(10)
        if not body.get("receiver"):
            raise ViberRefusal(4, "receiver is missing")
        resident = self._receiver(body["receiver"])
        check_message({name: value for name, value in body.items() if name != "auth_token"})
        self._count_unanswered(resident)
        token = self._deliver(resident, body)
        return {
            "message_token": token,
            "chat_hostname": "SN-CHAT-05_",
            "billing_status": 0 if resident.unanswered <= 1 else 1,
        }

    async def _broadcast_message(self, body: Mapping[str, Any]) -> dict[str, Any]:
        receivers = body.get("broadcast_list")
        if not receivers:
            raise ViberRefusal(4, "broadcast_list is missing")
        if not isinstance(receivers, list) or len(receivers) > MAX_BROADCAST:
            raise ViberRefusal(3, f"broadcast_list must be a list of at most {MAX_BROADCAST}")
        check_message({name: value for name, value in body.items() if name != "auth_token"})
        failed = []
        for receiver in receivers:
            try:
                self._deliver(self._receiver(receiver), body)
            except ViberRefusal as refusal:
                failed.append(
                    {
                        "receiver": receiver,
                        "status": refusal.status,
                        "status_message": refusal.status_message,
                    }
                )
        return {"message_token": new_token(), "failed_list": failed}

    async def _set_webhook(self, body: Mapping[str, Any]) -> dict[str, Any]:
        if "url" not in body:
            raise ViberRefusal(4, "url is missing")
        url = body["url"]
        if not isinstance(url, str):
            raise ViberRefusal(3, "url must be text")
        wanted = body.get("event_types", sorted(OPTIONAL_EVENTS))
        if not isinstance(wanted, list) or not set(wanted) <= OPTIONAL_EVENTS | MANDATORY_EVENTS:
            raise ViberRefusal(3, "event_types holds an unknown event")
        if url:
            address = urlsplit(url)
            if address.scheme not in ("http", "https") or not address.netloc:
                raise ViberRefusal(1)
            if not await self._viber.confirm(url):
                raise ViberRefusal(1, "the webhook did not answer 200")
        self._viber.webhook = url
        self._viber.events = MANDATORY_EVENTS | set(wanted)
        return {"event_types": sorted(self._viber.events)}

    async def _get_account_info(self, body: Mapping[str, Any]) -> dict[str, Any]:
        subscribed = [
            r for r in self._residents.all() if r.messenger == "viber" and r.view().reachable
        ]
        return {
            "id": "pa:000000000000000001",
            "chat_hostname": "SN-CHAT-05_",
            "name": self._options.bot_name,
            "uri": "emulator",
            "icon": "",
            "category": "Utilities",
            "subcategory": "Heat",
            "location": {"lat": 0.0, "lon": 0.0},
            "country": "RU",
            "webhook": self._viber.webhook,
            "event_types": sorted(self._viber.events),
            "subscribers_count": len(subscribed),
            "members": [],
        }

    async def _get_user_details(self, body: Mapping[str, Any]) -> dict[str, Any]:
        if not body.get("id"):
            raise ViberRefusal(4, "id is missing")
        resident = self._receiver(body["id"])
        asked = self._asked_details[resident.user_id]
        while asked and asked[0] <= self._now() - DETAILS_WINDOW:
            asked.popleft()
        if len(asked) >= MAX_DETAILS:
            raise ViberRefusal(12, "user details can be asked twice in 12 hours")
        asked.append(self._now())
        return {"message_token": new_token(), "user": self._viber.user(resident)}

    async def _get_online(self, body: Mapping[str, Any]) -> dict[str, Any]:
        ids = body.get("ids")
        if not isinstance(ids, list) or not 0 < len(ids) <= 100:
            raise ViberRefusal(3, "ids must be a list of 1 to 100")
        return {"users": [{"id": user_id, "online_status": 0} for user_id in ids]}

    def _receiver(self, user_id: object) -> Resident:
        resident = self._residents.by_user("viber", str(user_id))
        if resident is None:
            raise ViberRefusal(5)
        if not resident.view().reachable:
            raise ViberRefusal(6)
        return resident

    def _count_unanswered(self, resident: Resident) -> None:
        if resident.unanswered and self._now() - resident.unanswered_since >= UNANSWERED_WINDOW:
            resident.unanswered = 0
        if resident.unanswered >= MAX_UNANSWERED:
            raise ViberRefusal(12, f"{MAX_UNANSWERED} messages without an answer")
        if not resident.unanswered:
            resident.unanswered_since = self._now()
        resident.unanswered += 1

    def _deliver(self, resident: Resident, body: Mapping[str, Any]) -> int:
        token = new_token()
        shown = self._viber.show(resident, body, str(token))
        if shown is not None and shown.kind == "picture":
            task = asyncio.create_task(self._fetch(resident, shown, body["media"], token))
            self._background.add(task)
            task.add_done_callback(self._background.discard)
        else:
            self._viber.report(resident, "delivered", token)
            self._viber.report(resident, "seen", token)
        return token

    async def _fetch(
        self, resident: Resident, shown: ShownMessage, address: str, token: int
    ) -> None:
        # Viber accepts a picture before it looks at it: what is wrong comes back as `failed`.
        try:
            response = await self._client.get(address)
            response.raise_for_status()
            if len(response.content) > MAX_VIBER_PICTURE:
                raise NotAPicture(
                    f"{len(response.content)} bytes are more than {MAX_VIBER_PICTURE}"
                )
            shown.picture = self._pictures.add(response.content)
        except (httpx.HTTPError, NotAPicture) as error:
            shown.state = "failed"
            self._viber.report(resident, "failed", token, f"media could not be loaded: {error}")
        else:
            self._viber.report(resident, "delivered", token)
            self._viber.report(resident, "seen", token)
        resident.message_changed(shown)
