"""Puts the emulator together, starts and stops it, and does what its users ask."""

from __future__ import annotations

import asyncio
import signal
import socket
from dataclasses import replace
from typing import Any

import httpx
from sanic import Sanic

from backend.http_transport import AiohttpTransport
from demo.emulator.accounts import Account, read_accounts
from demo.emulator.banners import Banners
from demo.emulator.control import CannotDo, NoSuchButton
from demo.emulator.courier import Courier
from demo.emulator.faults import Fault, Faults
from demo.emulator.feed import Feed
from demo.emulator.options import Options
from demo.emulator.pictures import NotAPicture, Pictures
from demo.emulator.residents import Resident, Residents
from demo.emulator.samples import METER_PHOTO
from demo.emulator.server import begin_without_rewriting, build_app
from demo.emulator.traffic import Acknowledgement, Traffic
from demo.emulator.viber import Viber
from demo.emulator.viber_api import ViberApi
from demo.emulator.views import ButtonView, ResidentView, ShownMessage
from demo.emulator.vk import Vk
from demo.emulator.vk_api import VkApi
from demo.emulator.words import load_words


class Emulator:
    """Both messengers with their residents. It is a Control for users in the same process.

    `async with Emulator(options) as emulator:` listens on `options.port`, or on a free port if
    that is 0; `emulator.url` is the address. `transport` replaces the network to the bot.
    """

    def __init__(self, options: Options, transport: httpx.AsyncBaseTransport | None = None) -> None:
        words = load_words()
        self.options = replace(options, bot_name=options.bot_name or words.bot_name)
        self.url = ""
        self.feed = Feed()
        self.banners = Banners(self.feed)
        self.pictures = Pictures()
        self.faults = Faults()
        self.traffic = Traffic(self.feed)
        self.population = Residents(self.feed, words.residents, options.max_residents)
        self._words = words
        if transport is None:
            # httpx's own pool looks at all that wait whenever one comes: a rush stands still there.
            transport = AiohttpTransport(most_connections=200, environment_proxies=False)
        self._client = httpx.AsyncClient(
            transport=transport,
            timeout=options.webhook_timeout,
            trust_env=False,
        )
        self._courier = Courier(self._client, self.traffic, self.faults, options.retry_after)
        self._serving: Any = None
        self._play()

    def _play(self) -> None:
        self.viber = Viber(self.options, self._courier, self._words)
        self.vk = Vk(self.options, self._courier, self._words)
        self.viber_api = ViberApi(
            self.options, self.viber, self.population, self.pictures, self._client
        )
        self.vk_api = VkApi(self.options, self.vk, self.population, self.pictures, self.faults)

    async def __aenter__(self) -> Emulator:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    @property
    def viber_api_url(self) -> str:
        """The bot's VIBER_API_URL."""
        return f"{self.url}/viber/pa"

    @property
    def vk_api_url(self) -> str:
        """The bot's VK_API_URL."""
        return f"{self.url}/vk/method"

    async def start(self) -> None:
        """Starts listening.

        Raises:
            OSError: the address is in use.
        """
        listener = socket.create_server((self.options.host, self.options.port), backlog=1000)
        listener.setblocking(False)
        host = "127.0.0.1" if self.options.host == "0.0.0.0" else self.options.host
        self.url = f"http://{host}:{listener.getsockname()[1]}"
        self._app = build_app(self)
        self._serving = await self._app.create_server(
            sock=listener, return_asyncio_server=True, access_log=False
        )
        begin_without_rewriting(self._app)
        await self._serving.start_serving()

    async def stop(self) -> None:
        """Stops listening, drops what is under way and closes the connections."""
        await self.population.clear()
        await self.viber_api.stop()
        await self.vk_api.stop()
        self.feed.forget()
        if self._serving is not None:
            await self._serving.close()
            for connection in list(self._serving.connections):
                connection.abort()
            self._serving = None
            Sanic._app_registry.pop(self._app.name, None)
        await self._client.aclose()

    # --- Control

    async def create_resident(self, messenger: str, name: str | None = None) -> ResidentView:
        """Lets somebody new in."""
        if messenger not in ("viber", "vk"):
            raise CannotDo(f"messenger must be viber or vk, not {messenger!r}")
        return self.population.create(messenger, name).view()

    async def resident(self, key: str) -> ResidentView:
        """The present state of a phone."""
        return self.population.by_key(key).view()

    async def residents(self) -> list[ResidentView]:
        """All phones."""
        return [resident.view() for resident in self.population.all()]

    async def act(self, key: str, action: str, **details: Any) -> None:
        """Does one of ACTIONS for a resident."""
        resident = self.population.by_key(key)
        if action == "open":
            self._platform(resident).open(resident, str(details.get("context", "")))
        elif action == "say":
            self._say(resident, details)
        elif action == "press":
            button, message = self._find_button(resident, details)
            self._platform(resident).press(resident, button, message)
        elif action == "picture":
            self._platform(resident).send_picture(resident, self._picture(details))
        elif action in ("sticker", "voice", "contact", "location"):
            getattr(self._platform(resident), f"send_{action}")(resident)
        elif action in ("allow", "deny"):
            getattr(self._platform(resident), action)(resident)
        else:
            raise CannotDo(f"there is no action {action!r}")

    async def messages(self, key: str, since: int = 0, timeout: float = 0.0) -> list[ShownMessage]:
        """Messages after number `since`; waits up to `timeout` seconds if there are none."""
        resident = self.population.by_key(key)
        if not resident.newer_than(since) and timeout > 0:
            await resident.wait(timeout)
        return resident.newer_than(since)

    async def add_fault(self, fault: Fault) -> None:
        """Switches a fault on."""
        self.faults.add(fault)

    async def acknowledgements(self) -> list[Acknowledgement]:
        """How the bot answered the webhooks, the last 50 000."""
        return list(self.traffic.acks)

    async def reset(self) -> None:
        """Forgets residents, faults and logs, and plays both messengers afresh."""
        await self.population.clear()
        await self.viber_api.stop()
        await self.vk_api.stop()
        self.faults.clear()
        self.traffic.clear()
        self.banners.clear()
        self._play()
        self.feed.forget()

    # --- what the server asks too

    def accounts(self) -> list[Account]:
        """The demo accounts that the page offers; read anew each time."""
        return read_accounts(self.options.accounts)

    async def confirm_vk(self) -> bool:
        """Sends VK's confirmation request; True if the bot's answer is right."""
        return (await self.vk.confirm()).accepted

    def _platform(self, resident: Resident) -> Viber | Vk:
        return self.viber if resident.messenger == "viber" else self.vk

    def _say(self, resident: Resident, details: dict[str, Any]) -> None:
        text = details.get("text")
        if not isinstance(text, str) or not text:
            raise CannotDo("text is required")
        if resident.messenger == "viber":
            self.viber.say(resident, text, tracking_data=details.get("tracking_data"))
        else:
            self.vk.say(resident, text, payload=details.get("payload"))

    def _find_button(
        self, resident: Resident, details: dict[str, Any]
    ) -> tuple[ButtonView, ShownMessage | None]:
        number, index, caption = (details.get(n) for n in ("message", "index", "caption"))
        boards: list[tuple[ShownMessage | None, tuple[ButtonView, ...]]] = []
        if resident.keyboard is not None and number is None:
            boards.append((None, resident.keyboard.buttons))
        for message in reversed(resident.messages):
            if message.keyboard is not None and number in (None, message.number):
                boards.append((message, message.keyboard.buttons))
        for message_with, buttons in boards:
            for position, button in enumerate(buttons):
                if index in (None, position) and caption in (None, button.caption):
                    return button, message_with
        captions = [button.caption for _, buttons in boards for button in buttons]
        raise NoSuchButton(f"no button {caption!r} on the phone of {resident.key}: {captions}")

    def _picture(self, details: dict[str, Any]) -> str:
        content = details.get("content", METER_PHOTO)
        try:
            return f"{self.url}{self.pictures.add(content)}"
        except NotAPicture as error:
            raise CannotDo(f"this is no picture: {error}") from None


async def serve_until_stopped(options: Options) -> None:
    """Runs an emulator until the process is interrupted or terminated."""
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    async with Emulator(options) as emulator:
        print(f"Emulator: {emulator.url}  bot: {options.bot_url}", flush=True)
        await stopped.wait()
