"""Everything the emulator can be told at start, from options or the environment."""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

MAX_PICTURE_BYTES = 5 * 1024 * 1024


class OptionsError(Exception):
    """One sentence that names the option that is wrong or missing."""


@dataclass(frozen=True)
class Options:
    """Settings of one emulator. `retry_after` holds the seconds before each redelivery."""

    bot_url: str = "http://127.0.0.1:5005"
    viber_token: str = field(default="emulator-viber-token", repr=False)
    vk_token: str = field(default="emulator-vk-token", repr=False)
    vk_secret: str = field(default="emulator-vk-secret", repr=False)
    vk_confirmation: str = field(default="confirmed", repr=False)
    vk_group_id: int = 1
    bot_name: str = ""
    retry_after: tuple[float, ...] = (1, 2, 4, 8, 15, 30, 60, 60, 60)
    webhook_timeout: float = 10.0
    receipts: bool = False
    accounts: str = ""
    host: str = "127.0.0.1"
    port: int = 8080
    max_residents: int = 20_000

    @property
    def viber_webhook(self) -> str:
        """Where Viber's events go."""
        return f"{self.bot_url.rstrip('/')}/webhooks/viber/webhook"

    @property
    def vk_webhook(self) -> str:
        """Where VK's events go."""
        return f"{self.bot_url.rstrip('/')}/webhooks/vk/webhook"


_REQUIRED = {
    "viber_token": "VIBER_AUTH_TOKEN",
    "vk_token": "VK_ACCESS_TOKEN",
    "vk_secret": "VK_SECRET",
    "vk_confirmation": "VK_CONFIRMATION",
    "vk_group_id": "VK_GROUP_ID",
}


def read_options(arguments: Sequence[str], environment: Mapping[str, str] = os.environ) -> Options:
    """Reads the command line; what it leaves out comes from the bot's own variables.

    Raises:
        OptionsError: a token, a secret or a number is missing or wrong.
    """
    parsed = _parser(environment).parse_args(arguments)
    for name, variable in _REQUIRED.items():
        if not getattr(parsed, name):
            option = name.replace("_", "-")
            raise OptionsError(f"Give --{option} or the environment variable {variable}.")
    try:
        retry_after = tuple(float(part) for part in parsed.retry_after.split(",") if part.strip())
        group_id = int(parsed.vk_group_id)
        port = int(parsed.port)
    except ValueError as error:
        raise OptionsError(f"An option that must be a number is not: {error}.") from None
    values = {**vars(parsed), "retry_after": retry_after, "vk_group_id": group_id, "port": port}
    return Options(**values)


def _parser(environment: Mapping[str, str]) -> argparse.ArgumentParser:
    default = Options()
    parser = argparse.ArgumentParser(
        prog="python -m demo.emulator",
        description="Plays Viber and VK towards the bot and shows two phones on a page.",
    )

    def option(name: str, variable: str, text: str, otherwise: str = "") -> None:
        value = environment.get(variable) or otherwise
        # argparse reads % in help texts as a format, so the variable is put in by hand.
        parser.add_argument(f"--{name}", default=value, help=f"{text} (environment: {variable})")

    option("host", "EMULATOR_HOST", "address to listen on", default.host)
    option("port", "EMULATOR_PORT", "port to listen on", str(default.port))
    option("bot-url", "BOT_URL", "the bot's address", default.bot_url)
    option("bot-name", "EMULATOR_BOT_NAME", "the name over the chats", default.bot_name)
    option("viber-token", "VIBER_AUTH_TOKEN", "token the bot must send to Viber")
    option("vk-token", "VK_ACCESS_TOKEN", "token the bot must send to VK")
    option("vk-secret", "VK_SECRET", "secret VK puts into every event")
    option("vk-confirmation", "VK_CONFIRMATION", "string VK expects for a confirmation")
    option("vk-group-id", "VK_GROUP_ID", "the community's number")
    option("accounts", "EMULATOR_ACCOUNTS", "demo accounts: a YAML or JSON file, or JSON itself")
    option(
        "retry-after",
        "EMULATOR_RETRY_AFTER",
        "seconds before each redelivery, with commas",
        ",".join(f"{seconds:g}" for seconds in default.retry_after),
    )
    parser.add_argument("--webhook-timeout", type=float, default=default.webhook_timeout)
    parser.add_argument("--receipts", action="store_true", help="send delivered and seen callbacks")
    return parser
