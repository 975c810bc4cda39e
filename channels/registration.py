"""Tells VK and Viber where the bot's webhooks are: `python -m channels.registration`.

The bot must be running under its public address already: both messengers call it at once.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Sequence
from typing import TextIO

import httpx

from backend.delivery.messenger import DeliveryError
from backend.settings import Settings, SettingsError, load_settings
from channels.fields import items, mapping, number
from channels.http import http_client
from channels.viber.client import ViberClient
from channels.vk.client import API_VERSION, VkClient

DONE, REFUSED, WRONG_SETTINGS = 0, 1, 2

# Viber sends messages and subscriptions in any case; receipts would only be noise.
VIBER_EVENTS = ["conversation_started", "failed"]
VK_EVENTS = ("message_new", "message_event", "message_allow", "message_deny")
VK_SERVER_TITLE = "readings bot"  # VK takes up to 14 characters
VK_CHECKS = 5


class NotRegistered(Exception):
    """A messenger answered, but the webhook will not work; the message says what to do."""


def webhook_url(public_url: str, channel: str) -> str:
    """The address of a channel's webhook."""
    return f"{public_url.rstrip('/')}/webhooks/{channel}/webhook"


async def register_viber(client: ViberClient, public_url: str, out: TextIO) -> None:
    """Sets Viber's webhook. Raises DeliveryError."""
    url = webhook_url(public_url, "viber")
    answer = await client.set_webhook(url, VIBER_EVENTS)
    events = ", ".join(str(event) for event in items(answer.get("event_types")))
    out.write(f"Viber: webhook set to {url} (events: {events})\n")


async def register_vk(
    client: VkClient, settings: Settings, public_url: str, out: TextIO, pause: float = 1.0
) -> None:
    """Adds VK's callback server, or mends the one with the same address.

    Raises:
        DeliveryError: VK refused a call.
        NotRegistered: the confirmation string is another one, or VK could not reach the bot.
    """
    url, group_id = webhook_url(public_url, "vk"), settings.vk_group_id or 0
    await _check_confirmation(client, settings, out)
    server = await _server(client, group_id, url)
    secret = settings.vk_secret.get_secret_value() if settings.vk_secret else ""
    about: dict[str, str | int] = {
        "group_id": group_id,
        "url": url,
        "title": VK_SERVER_TITLE,
        "secret_key": secret,
    }
    if server is None:
        added = await client.call("groups.addCallbackServer", **about)
        server_id = number(mapping(added).get("server_id")) or 0
    else:
        server_id = number(server.get("id")) or 0
        await client.call("groups.editCallbackServer", server_id=server_id, **about)
    await client.call(
        "groups.setCallbackSettings",
        group_id=group_id,
        server_id=server_id,
        api_version=API_VERSION,
        **dict.fromkeys(VK_EVENTS, 1),
    )
    # The string may change whenever a server is added or edited.
    await _check_confirmation(client, settings, out)
    status = "wait"
    for _ in range(VK_CHECKS):
        status = str((await _server(client, group_id, url) or {}).get("status"))
        if status != "wait":
            break
        await asyncio.sleep(pause)
    if status != "ok":
        raise NotRegistered(
            f"the callback server's status is «{status}»: VK could not confirm {url}. "
            "Is the bot running and reachable under this address?"
        )
    out.write(f"VK: callback server {server_id} set to {url} (events: {', '.join(VK_EVENTS)})\n")


async def _check_confirmation(client: VkClient, settings: Settings, out: TextIO) -> None:
    answer = await client.call(
        "groups.getCallbackConfirmationCode", group_id=settings.vk_group_id or 0
    )
    code = str(mapping(answer).get("code"))
    out.write(f"VK: confirmation code {code}\n")
    if code != settings.vk_confirmation:
        raise NotRegistered(
            f"VK_CONFIRMATION is not this code. Set VK_CONFIRMATION={code}, "
            "restart the bot and run this command again."
        )


async def _server(client: VkClient, group_id: int, url: str) -> dict[str, object] | None:
    answer = await client.call("groups.getCallbackServers", group_id=group_id)
    servers = [mapping(item) for item in items(mapping(answer).get("items"))]
    return next((server for server in servers if server.get("url") == url), None)


async def register(
    settings: Settings, public_url: str, http: httpx.AsyncClient, out: TextIO, pause: float = 1.0
) -> int:
    """Registers the webhooks of every channel that has a token; returns the exit code."""
    code = DONE
    if settings.viber_auth_token:
        viber = ViberClient(
            http,
            token=settings.viber_auth_token.get_secret_value(),
            api_url=settings.viber_api_url,
            sender_name=settings.viber_sender_name,
        )
        try:
            await register_viber(viber, public_url, out)
        except DeliveryError as error:
            out.write(f"Viber: not registered: {error.reason}\n")
            code = REFUSED
    if settings.vk_access_token:
        token = settings.vk_access_token.get_secret_value()
        vk = VkClient(http, token=token, api_url=settings.vk_api_url)
        try:
            await register_vk(vk, settings, public_url, out, pause)
        except (DeliveryError, NotRegistered) as error:
            out.write(f"VK: not registered: {error}\n")
            code = REFUSED
    if not settings.viber_is_on and not settings.vk_is_on:
        out.write("Neither VIBER_AUTH_TOKEN nor VK_ACCESS_TOKEN is set: nothing to register.\n")
        code = WRONG_SETTINGS
    return code


async def _run(settings: Settings, public_url: str, out: TextIO) -> int:
    async with http_client() as http:
        return await register(settings, public_url, http, out)


def main(arguments: Sequence[str] | None = None, out: TextIO = sys.stdout) -> int:
    """The command. Returns 0 if all is registered, 1 if a messenger refused, 2 for settings."""
    parser = argparse.ArgumentParser(prog="channels.registration", description=__doc__)
    parser.add_argument("--public-url", help="the bot's https address (default: PUBLIC_URL)")
    chosen = parser.parse_args(arguments)
    try:
        settings = load_settings()
    except SettingsError as error:
        out.write(f"{error}\n")
        return WRONG_SETTINGS
    public_url = chosen.public_url or settings.public_url
    if not public_url or not public_url.startswith("https://"):
        out.write("Set PUBLIC_URL (or --public-url) to the bot's address: https://…\n")
        return WRONG_SETTINGS
    return asyncio.run(_run(settings, public_url, out))


if __name__ == "__main__":
    sys.exit(main())
