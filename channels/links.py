"""Prints the links that open a chat with the bot and saves them as QR codes.

`python -m channels.links`
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TextIO
from urllib.parse import quote

import httpx
import segno

from backend.delivery.messenger import DeliveryError
from backend.settings import Settings, SettingsError, load_settings
from channels.http import http_client
from channels.viber.client import ViberClient

DONE, REFUSED, WRONG_SETTINGS = 0, 1, 2
PIXELS_PER_MODULE = 12


def viber_link(uri: str) -> str:
    """The link that opens the bot's chat in Viber.

    https://developers.viber.com/docs/tools/deep-links/
    """
    return f"viber://pa?chatURI={quote(uri, safe='')}"


def vk_links(group_id: int) -> tuple[str, str]:
    """The short link, which goes into the QR code, and the one of the full site."""
    return f"https://vk.me/club{group_id}", f"https://vk.com/write-{group_id}"


def save_qr(link: str, path: Path) -> None:
    """Saves the link as a QR code with the quiet zone that cameras need."""
    path.parent.mkdir(parents=True, exist_ok=True)
    segno.make(link, error="m", micro=False).save(str(path), scale=PIXELS_PER_MODULE, border=4)


async def make_links(
    settings: Settings,
    out_dir: Path,
    http: httpx.AsyncClient,
    out: TextIO,
    viber_uri: str | None = None,
) -> int:
    """Prints and saves the links of every channel that is set up; returns the exit code."""
    code, made = DONE, 0
    if viber_uri or settings.viber_is_on:
        try:
            link = viber_link(viber_uri or await _viber_uri(settings, http))
        except (DeliveryError, LookupError) as error:
            out.write(f"Viber: no link: {error}. The address can be given with --viber-uri.\n")
            code = REFUSED
        else:
            save_qr(link, out_dir / "viber.png")
            out.write(f"Viber: {link}\n       {out_dir / 'viber.png'}\n")
            made += 1
    if settings.vk_group_id:
        short, full = vk_links(settings.vk_group_id)
        save_qr(short, out_dir / "vk.png")
        out.write(f"VK:    {short}\n       {full}\n       {out_dir / 'vk.png'}\n")
        made += 1
    if not made and code == DONE:
        out.write("Neither VIBER_AUTH_TOKEN (or --viber-uri) nor VK_GROUP_ID is set.\n")
        code = WRONG_SETTINGS
    return code


async def _viber_uri(settings: Settings, http: httpx.AsyncClient) -> str:
    assert settings.viber_auth_token
    client = ViberClient(
        http,
        token=settings.viber_auth_token.get_secret_value(),
        api_url=settings.viber_api_url,
        sender_name=settings.viber_sender_name,
    )
    uri = (await client.account_info()).get("uri")
    if not isinstance(uri, str) or not uri:
        raise LookupError("get_account_info names no uri")
    return uri


async def _run(settings: Settings, out_dir: Path, out: TextIO, viber_uri: str | None) -> int:
    async with http_client() as http:
        return await make_links(settings, out_dir, http, out, viber_uri)


def main(arguments: Sequence[str] | None = None, out: TextIO = sys.stdout) -> int:
    """The command. Returns 0 if all is made, 1 if Viber refused, 2 for wrong settings."""
    parser = argparse.ArgumentParser(prog="channels.links", description=__doc__)
    parser.add_argument("--viber-uri", help="the bot's uri in Viber (default: asked from Viber)")
    parser.add_argument("--out", type=Path, help="where the PNGs go (default: DATA_DIR/links)")
    chosen = parser.parse_args(arguments)
    try:
        settings = load_settings()
    except SettingsError as error:
        out.write(f"{error}\n")
        return WRONG_SETTINGS
    out_dir = chosen.out or settings.data_dir / "links"
    return asyncio.run(_run(settings, out_dir, out, chosen.viber_uri))


if __name__ == "__main__":
    sys.exit(main())
