"""Typed settings of the bot, read from the environment and checked once at start."""

from __future__ import annotations

import os
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    AnyHttpUrl,
    BaseSettings,
    Field,
    SecretStr,
    ValidationError,
    parse_obj_as,
    validator,
)

SHORTEST_PASSWORD = 8
_LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")


class AfterClosing(str, Enum):
    """What billing does with a reading that is given while the period is closed."""

    UNKNOWN = "unknown"
    NEXT_PERIOD = "next_period"
    REFUSED = "refused"


class SettingsError(Exception):
    """One sentence that names the environment variable that is wrong or missing."""


class Settings(BaseSettings):
    """Every setting; the names in upper case are the environment variables (see .env.example)."""

    host: str = "127.0.0.1"
    port: int = Field(5005, ge=1, le=65535)
    data_dir: Path = Path(".data")
    database_url: SecretStr | None = None

    billing_url: str
    billing_token: SecretStr = Field(..., min_length=1)
    billing_budget: float = Field(
        3.0, gt=0, le=10, description="seconds a turn may wait for billing"
    )

    viber_auth_token: SecretStr | None = None
    viber_api_url: str = "https://chatapi.viber.com/pa"
    viber_sender_name: str = Field("TGC-1", min_length=1, max_length=28)

    vk_access_token: SecretStr | None = None
    vk_api_url: str = "https://api.vk.ru/method"
    vk_group_id: int | None = Field(None, gt=0)
    vk_confirmation: str | None = None
    vk_secret: SecretStr | None = None

    reading_high_times_average: Decimal = Field(Decimal(3), gt=0)
    reading_high_water: Decimal = Field(Decimal(15), gt=0)
    reading_high_heat: Decimal = Field(Decimal(5), gt=0)
    reading_dial_over_share: Decimal = Field(Decimal("0.9"), gt=0, le=1)
    reading_volume_share: Decimal = Field(Decimal("0.5"), ge=0, le=1)
    reading_verification_soon_days: int = Field(90, ge=0)
    reading_silence_days: int = Field(183, ge=1)
    readings_after_closing: AfterClosing = AfterClosing.UNKNOWN
    consent: Literal["implied", "explicit"] = "implied"
    consent_version: str = Field("1", min_length=1, max_length=40)
    privacy_policy_url: str = "https://www.tgc1.ru/clients"
    link_proof: Literal["none", "meter"] = "none"
    wrong_numbers: int = Field(5, ge=1, description="per resident and hour")
    wrong_numbers_of_all: int = Field(300, ge=1, description="per hour")

    bot_url: str | None = Field(
        None, description="where a receiver of webhooks finds a bot; a bot itself needs none"
    )
    public_url: str | None = None
    reminder_channels: str = Field(
        "vk,viber", regex="^((vk|viber)(, ?(vk|viber))*)?$", description="empty: none are sent"
    )
    reminder_first_hour: int = Field(10, ge=0, le=23)
    reminder_last_hour: int = Field(19, ge=1, le=24)
    reminders_per_minute: int = Field(60, ge=1, le=1000)
    studio_password: SecretStr | None = Field(
        None, description="opens the designers' page /studio; without one there is no such page"
    )
    time_zone: str = "Europe/Moscow"
    log_level: str = "INFO"

    class Config:
        allow_mutation = False

    @validator(
        "database_url",
        "viber_auth_token",
        "vk_access_token",
        "vk_group_id",
        "vk_confirmation",
        "vk_secret",
        "bot_url",
        "public_url",
        "studio_password",
        pre=True,
    )
    def _empty_means_unset(cls, value: object) -> object:
        return None if value == "" else value

    @validator(
        "billing_url",
        "viber_api_url",
        "vk_api_url",
        "bot_url",
        "public_url",
        "privacy_policy_url",
    )
    def _http_address(cls, value: str | None) -> str | None:
        if value is not None:
            parse_obj_as(AnyHttpUrl, value)
            return value.rstrip("/")
        return value

    @validator("reminder_last_hour")
    def _daytime_has_hours(cls, value: int, values: dict[str, object]) -> int:
        first = values.get("reminder_first_hour")
        if isinstance(first, int) and value <= first:
            raise ValueError("it must be later than REMINDER_FIRST_HOUR")
        return value

    @validator("studio_password")
    def _hard_to_guess(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and len(value.get_secret_value()) < SHORTEST_PASSWORD:
            raise ValueError(f"it must have at least {SHORTEST_PASSWORD} characters")
        return value

    @validator("time_zone")
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError("there is no such time zone") from None
        return value

    @validator("log_level")
    def _known_level(cls, value: str) -> str:
        if value.upper() not in _LOG_LEVELS:
            raise ValueError(f"it must be one of {', '.join(_LOG_LEVELS)}")
        return value.upper()

    @validator("vk_secret", always=True)
    def _vk_is_whole(cls, value: SecretStr | None, values: dict[str, object]) -> SecretStr | None:
        if values.get("vk_access_token") and not (
            value and values.get("vk_group_id") and values.get("vk_confirmation")
        ):
            raise ValueError("VK_ACCESS_TOKEN needs VK_GROUP_ID, VK_CONFIRMATION and VK_SECRET too")
        return value

    @property
    def reminded_channels(self) -> tuple[str, ...]:
        """The messengers in which reminders are sent."""
        names = (name.strip() for name in self.reminder_channels.split(","))
        return tuple(dict.fromkeys(name for name in names if name))

    @property
    def vk_is_on(self) -> bool:
        """True when VK's token is set."""
        return self.vk_access_token is not None

    @property
    def viber_is_on(self) -> bool:
        """True when Viber's token is set."""
        return self.viber_auth_token is not None

    @property
    def picture_channels(self) -> frozenset[str]:
        """The channels that can be sent a picture: Viber fetches it under PUBLIC_URL."""
        return frozenset({"vk", "viber"} if self.public_url else {"vk"})


def load_settings(env_file: Path | None = None) -> Settings:
    """Reads and checks the environment.

    Raises:
        SettingsError: a value is missing or wrong; the message names the variable, never its value.
    """
    try:
        return Settings(_env_file=env_file or os.environ.get("ENV_FILE", ".env"))  # type: ignore[call-arg]
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0]).upper()
        missing = first["type"] == "value_error.missing"
        reason = "is not set" if missing else f"is not valid: {first['msg']}"
        raise SettingsError(
            f"The environment variable {name} {reason}. See .env.example."
        ) from None
