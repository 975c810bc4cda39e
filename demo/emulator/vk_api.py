"""The methods of api.vk.ru/method that a community's bot calls, with their checks and errors."""

from __future__ import annotations

import hmac
import json
import re
import secrets
import time
from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from demo.emulator.faults import Faults
from demo.emulator.options import Options
from demo.emulator.pictures import NotAPicture, Pictures
from demo.emulator.residents import Resident, Residents
from demo.emulator.views import Author
from demo.emulator.vk import Vk
from demo.emulator.vk_checks import MAX_TEXT, VkError, read_keyboard
from demo.emulator.vk_execute import Execute
from demo.emulator.vk_parameters import Parameters, integer, peers, snackbar
from demo.emulator.vk_servers import CallbackServers

MAX_CALLS_PER_SECOND = 20
RANDOM_ID_WINDOW = 3600.0
RANDOM_ID_KEPT = 100
_VERSION = re.compile(r"5\.\d{1,3}")
_PHOTO = re.compile(r"photo(-?\d+)_(\d+)(?:_(\w+))?")

Method = Callable[[Parameters, str], Awaitable[Any]]


class VkApi:
    """Answers the bot's calls. HTTP is always 200: a refusal is in `error`."""

    def __init__(
        self,
        options: Options,
        vk: Vk,
        residents: Residents,
        pictures: Pictures,
        faults: Faults,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._options = options
        self._vk = vk
        self._residents = residents
        self._pictures = pictures
        self._now = now
        self._calls: deque[float] = deque()
        self._sent: dict[str, OrderedDict[int, tuple[float, int]]] = {}
        self._photos: OrderedDict[tuple[str, str], tuple[str, str]] = OrderedDict()
        self._servers = CallbackServers(options, vk)
        self.execute = Execute(self._send, faults)
        self.methods: dict[str, Method] = {
            "messages.send": self._send,
            "messages.sendMessageEventAnswer": self._answer_event,
            "messages.setActivity": self._set_activity,
            "messages.markAsRead": self._mark_as_read,
            "photos.getMessagesUploadServer": self._upload_server,
            "photos.saveMessagesPhoto": self._save_photo,
            "groups.getById": self._get_group,
            "users.get": self._get_users,
            **self._servers.methods,
        }

    async def call(
        self, method: str, headers: Mapping[str, str], parameters: Parameters, base_url: str
    ) -> dict[str, Any]:
        """Answers one call; `base_url` is the address under which the bot sees the emulator."""
        try:
            if method not in (*self.methods, "execute"):
                raise VkError(3)
            if not _VERSION.fullmatch(parameters.get("v", "")):
                raise VkError(8, "v (version) is required")
            self._authorise(headers, parameters)
            self._limit_rate()
            if method == "execute":
                return await self.execute.run(parameters, base_url)
            return {"response": await self.methods[method](parameters, base_url)}
        except VkError as error:
            return error.to_json(method, parameters)

    async def stop(self) -> None:
        """Abandons what is under way."""
        await self._servers.stop()

    def receive_upload(self, content: bytes) -> dict[str, Any]:
        """What the upload server answers for a photo; an empty list if it is none."""
        try:
            path = self._pictures.add(content)
        except NotAPicture:
            return {"server": 1, "photo": "[]", "hash": ""}
        photo = json.dumps([{"photo": secrets.token_hex(8), "path": path}])
        return {"server": 1, "photo": photo, "hash": self._hash(photo)}

    def _authorise(self, headers: Mapping[str, str], parameters: Parameters) -> None:
        token = headers.get("authorization", "").removeprefix("Bearer ").strip()
        token = token or parameters.get("access_token", "")
        if not token:
            raise VkError(5, "no access_token passed.")
        if not hmac.compare_digest(token.encode(), self._options.vk_token.encode()):
            raise VkError(5, "invalid access_token (4).")

    def _limit_rate(self) -> None:
        while self._calls and self._calls[0] <= self._now() - 1:
            self._calls.popleft()
        if len(self._calls) >= MAX_CALLS_PER_SECOND:
            raise VkError(6)
        self._calls.append(self._now())

    async def _send(self, parameters: Parameters, base_url: str) -> Any:
        random_id = integer(parameters, "random_id")
        if not -(2**31) <= random_id < 2**31:
            raise VkError(100, "random_id must be a 32-bit integer")
        dialogs = peers(parameters)
        if "peer_ids" not in parameters:
            return self._deliver(dialogs[0], random_id, parameters)[0]
        results: list[dict[str, Any]] = []
        for peer in dialogs:
            try:
                message_id, conversation_id = self._deliver(peer, random_id, parameters)
                results.append(
                    {
                        "peer_id": int(peer),
                        "message_id": message_id,
                        "conversation_message_id": conversation_id,
                    }
                )
            except VkError as error:
                failure = {"code": error.code, "description": str(error)}
                results.append({"peer_id": int(peer), "message_id": 0, "error": failure})
        return results

    def _deliver(self, peer: str, random_id: int, parameters: Parameters) -> tuple[int, int]:
        text = parameters.get("message", "")
        if len(text) > MAX_TEXT:
            raise VkError(914)
        keyboard = read_keyboard(parameters["keyboard"]) if parameters.get("keyboard") else None
        picture = self._attached(parameters.get("attachment", ""))
        if not text and picture is None:
            raise VkError(100, "message is empty or invalid")
        resident = self._receiver(peer)
        if (earlier := self._same_random_id(peer, random_id)) is not None:
            return earlier, 0
        message_id = self._vk.next_id()
        if keyboard is not None and not keyboard.inline:
            resident.keyboard = keyboard if keyboard.rows else None
        shown = resident.show(
            Author.BOT,
            "picture" if picture else "text",
            text,
            api_id=str(message_id),
            keyboard=keyboard if keyboard is not None and keyboard.inline else None,
            picture=picture,
        )
        if random_id:
            sent = self._sent.setdefault(peer, OrderedDict())
            sent[random_id] = (self._now(), message_id)
            if len(sent) > RANDOM_ID_KEPT:
                sent.popitem(last=False)
        return message_id, shown.conversation_id

    def _same_random_id(self, peer: str, random_id: int) -> int | None:
        sent = self._sent.get(peer, OrderedDict())
        sent_at, message_id = sent.get(random_id, (0.0, 0))
        return message_id if message_id and self._now() - sent_at < RANDOM_ID_WINDOW else None

    def _receiver(self, peer: str) -> Resident:
        resident = self._residents.by_user("vk", peer)
        if resident is None or not resident.view().reachable:
            raise VkError(901)
        return resident

    def _attached(self, attachment: str) -> str | None:
        if not attachment:
            return None
        match = _PHOTO.fullmatch(attachment.split(",")[0])
        if match is None:
            raise VkError(100, "attachment is invalid")
        path, access_key = self._photos.get((match[1], match[2]), ("", ""))
        if not path or match[3] not in (None, access_key):
            raise VkError(100, "attachment is unknown")
        return path

    async def _answer_event(self, parameters: Parameters, base_url: str) -> int:
        user_id = str(integer(parameters, "user_id"))
        integer(parameters, "peer_id")
        text = snackbar(parameters.get("event_data", ""))
        resident = self._residents.by_user("vk", user_id)
        if self._vk.take_question(parameters.get("event_id", "")) != user_id or resident is None:
            raise VkError(100, "event_id is invalid")
        if text:
            resident.show_snackbar(text)
        return 1

    async def _set_activity(self, parameters: Parameters, base_url: str) -> int:
        if parameters.get("type") not in ("typing", "audiomessage"):
            raise VkError(100, "type is invalid")
        self._receiver(peers(parameters)[0]).show_typing()
        return 1

    async def _mark_as_read(self, parameters: Parameters, base_url: str) -> int:
        self._receiver(peers(parameters)[0])
        return 1

    async def _upload_server(self, parameters: Parameters, base_url: str) -> dict[str, Any]:
        return {
            "album_id": -64,
            "upload_url": f"{base_url}/vk/upload",
            "user_id": 0,
            "group_id": self._options.vk_group_id,
        }

    async def _save_photo(self, parameters: Parameters, base_url: str) -> list[dict[str, Any]]:
        photo = parameters.get("photo", "")
        genuine = hmac.compare_digest(
            parameters.get("hash", "").encode(), self._hash(photo).encode()
        )
        if photo in ("", "[]") or not genuine:
            raise VkError(100, "photo is undefined")
        path = json.loads(photo)[0]["path"]
        owner, number, access_key = (
            -self._options.vk_group_id,
            self._vk.next_id(),
            secrets.token_hex(9),
        )
        self._photos[str(owner), str(number)] = (path, access_key)
        if len(self._photos) > 1000:
            self._photos.popitem(last=False)
        return [
            {
                "id": number,
                "album_id": -64,
                "owner_id": owner,
                "user_id": 100,
                "date": int(time.time()),
                "access_key": access_key,
                "text": "",
                "sizes": [{"type": "x", "url": f"{base_url}{path}", "width": 0, "height": 0}],
            }
        ]

    async def _get_group(self, parameters: Parameters, base_url: str) -> dict[str, Any]:
        group = {"id": self._options.vk_group_id, "name": self._options.bot_name}
        return {"groups": [{**group, "screen_name": "emulator", "type": "group"}], "profiles": []}

    async def _get_users(self, parameters: Parameters, base_url: str) -> list[dict[str, Any]]:
        found = (
            self._residents.by_user("vk", u) for u in parameters.get("user_ids", "").split(",")
        )
        return [
            {"id": int(r.user_id), "first_name": first, "last_name": last}
            for r in found
            if r is not None
            for first, _, last in [r.name.partition(" ")]
        ]

    def _hash(self, photo: str) -> str:
        return hmac.new(self._options.vk_token.encode(), photo.encode(), "sha256").hexdigest()[:32]
