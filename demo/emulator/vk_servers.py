"""VK's methods that register a bot's callback server."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from demo.emulator.options import Options
from demo.emulator.vk import Vk
from demo.emulator.vk_checks import VkError
from demo.emulator.vk_parameters import Parameters, integer

MAX_SERVERS = 10
MAX_TITLE = 14
EVENTS = ("message_new", "message_event", "message_allow", "message_deny")


class CallbackServers:
    """Up to ten servers; events go to the one that was confirmed last."""

    def __init__(self, options: Options, vk: Vk) -> None:
        self._options = options
        self._vk = vk
        self._servers: dict[int, dict[str, Any]] = {}
        self._confirming: set[asyncio.Task[None]] = set()
        self.methods: dict[str, Callable[[Parameters, str], Awaitable[Any]]] = {
            "groups.getCallbackConfirmationCode": self._code,
            "groups.addCallbackServer": self._add,
            "groups.editCallbackServer": self._edit,
            "groups.getCallbackServers": self._list,
            "groups.setCallbackSettings": self._set_events,
        }

    async def stop(self) -> None:
        """Abandons confirmations that are under way."""
        for task in list(self._confirming):
            task.cancel()
        await asyncio.gather(*self._confirming, return_exceptions=True)

    async def _code(self, parameters: Parameters, base_url: str) -> dict[str, Any]:
        self._check_group(parameters)
        return {"code": self._options.vk_confirmation}

    async def _add(self, parameters: Parameters, base_url: str) -> dict[str, Any]:
        self._check_group(parameters)
        if len(self._servers) >= MAX_SERVERS:
            raise VkError(100, f"there are {MAX_SERVERS} servers already")
        number = len(self._servers) + 1
        self._register(number, parameters)
        return {"server_id": number}

    async def _edit(self, parameters: Parameters, base_url: str) -> int:
        self._check_group(parameters)
        self._register(self._known(parameters), parameters)
        return 1

    async def _list(self, parameters: Parameters, base_url: str) -> dict[str, Any]:
        self._check_group(parameters)
        items = [{"id": number, **server} for number, server in self._servers.items()]
        return {"count": len(items), "items": items}

    async def _set_events(self, parameters: Parameters, base_url: str) -> int:
        self._check_group(parameters)
        self._known(parameters)
        for event in EVENTS:
            if parameters.get(event) == "0":
                self._vk.switched_off.add(event)
            elif parameters.get(event) == "1":
                self._vk.switched_off.discard(event)
        return 1

    def _known(self, parameters: Parameters) -> int:
        number = integer(parameters, "server_id")
        if number not in self._servers:
            raise VkError(100, "server_id is unknown")
        return number

    def _register(self, number: int, parameters: Parameters) -> None:
        url, title = parameters.get("url", ""), parameters.get("title", "")
        if not url.startswith(("http://", "https://")):
            raise VkError(100, "url is invalid")
        if not 0 < len(title) <= MAX_TITLE:
            raise VkError(100, f"title must have 1 to {MAX_TITLE} symbols")
        server = {
            "url": url,
            "title": title,
            "secret_key": parameters.get("secret_key", ""),
            "creator_id": self._options.vk_group_id,
            "status": "wait",
        }
        self._servers[number] = server
        # VK answers first and calls the server afterwards: its status changes then.
        task = asyncio.create_task(self._confirm(server))
        self._confirming.add(task)
        task.add_done_callback(self._confirming.discard)

    async def _confirm(self, server: dict[str, Any]) -> None:
        answer = await self._vk.confirm(server["url"], server["secret_key"])
        server["status"] = "ok" if answer.accepted else "failed"
        if answer.accepted:
            self._vk.webhook, self._vk.secret = server["url"], server["secret_key"]

    def _check_group(self, parameters: Parameters) -> None:
        if integer(parameters, "group_id") != self._options.vk_group_id:
            raise VkError(15)
