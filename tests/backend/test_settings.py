"""Settings: one sentence names the variable that is wrong or missing, and shows no value."""

from __future__ import annotations

import os
from decimal import Decimal
from pathlib import Path

import pytest

from actions.wiring import reading_limits
from backend.readings.rules import ReadingLimits
from backend.settings import AfterClosing, Settings, SettingsError, load_settings

RIGHT = {"BILLING_URL": "http://billing.example/v1/", "BILLING_TOKEN": "token-of-billing"}
VK = {
    "VK_ACCESS_TOKEN": "token-of-vk",
    "VK_GROUP_ID": "77",
    "VK_CONFIRMATION": "abc123",
    "VK_SECRET": "secret-of-vk",
}
SECRETS = {
    "DATABASE_URL": "postgresql://bot:password-of-db@db/bot",
    "BILLING_TOKEN": "token-of-billing",
    "VIBER_AUTH_TOKEN": "token-of-viber",
    "VK_ACCESS_TOKEN": "token-of-vk",
    "VK_SECRET": "secret-of-vk",
}


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch) -> None:
    known = {name.upper() for name in Settings.__fields__} | {"ENV_FILE"}
    for name in list(os.environ):
        if name.upper() in known:
            monkeypatch.delenv(name)
    monkeypatch.setenv("ENV_FILE", os.devnull)


@pytest.fixture
def load(monkeypatch: pytest.MonkeyPatch):
    def with_variables(**variables: str) -> Settings:
        for name, value in {**RIGHT, **variables}.items():
            monkeypatch.setenv(name, value)
        return load_settings()

    return with_variables


def test_billing_alone_is_enough(load) -> None:
    settings = load()
    assert settings.billing_url == "http://billing.example/v1"
    assert not settings.vk_is_on
    assert not settings.viber_is_on


@pytest.mark.parametrize("name", sorted(RIGHT))
def test_a_missing_variable_is_named(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    for other, value in RIGHT.items():
        if other != name:
            monkeypatch.setenv(other, value)
    with pytest.raises(SettingsError, match=f"{name} is not set.*\\.env\\.example"):
        load_settings()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "0"),
        ("PORT", "65536"),
        ("PORT", "http"),
        ("BILLING_URL", "billing"),
        ("BILLING_URL", "ftp://billing.example"),
        ("BILLING_BUDGET", "0"),
        ("BILLING_BUDGET", "11"),
        ("BILLING_BUDGET", "long"),
        ("VIBER_API_URL", "chatapi"),
        ("VK_API_URL", ""),
        ("PUBLIC_URL", "bot.example"),
        ("VIBER_SENDER_NAME", ""),
        ("VIBER_SENDER_NAME", "n" * 29),
        ("VK_GROUP_ID", "-1"),
        ("VK_GROUP_ID", "club77"),
    ],
)
def test_a_wrong_value_names_its_variable(load, name: str, value: str) -> None:
    with pytest.raises(SettingsError) as failed:
        load(**{name: value})
    assert f"environment variable {name} is not valid" in str(failed.value)
    assert failed.value.__cause__ is None


@pytest.mark.parametrize("name", ["VK_GROUP_ID", "VK_CONFIRMATION", "VK_SECRET"])
def test_vk_is_on_only_as_a_whole(load, name: str) -> None:
    with pytest.raises(SettingsError) as failed:
        load(**{**VK, name: ""})
    assert "VK_ACCESS_TOKEN needs VK_GROUP_ID, VK_CONFIRMATION and VK_SECRET" in str(failed.value)


@pytest.mark.parametrize(
    "wrong", [{"PORT": "x"}, {"VK_GROUP_ID": "x"}, {"BILLING_URL": "x"}, {"VK_CONFIRMATION": ""}]
)
def test_no_secret_is_in_a_message(load, wrong: dict[str, str]) -> None:
    with pytest.raises(SettingsError) as failed:
        load(**{**VK, **SECRETS, **wrong})
    for secret in (*SECRETS.values(), "password-of-db"):
        assert secret not in str(failed.value)


def test_no_secret_is_printed_with_the_settings(load) -> None:
    shown = repr(load(**{**VK, **SECRETS}))
    for secret in (*SECRETS.values(), "password-of-db"):
        assert secret not in shown


def test_both_messengers_are_on_with_their_tokens(load) -> None:
    settings = load(**VK, VIBER_AUTH_TOKEN="token-of-viber")
    assert settings.vk_is_on
    assert settings.viber_is_on
    assert settings.vk_group_id == 77


@pytest.mark.parametrize(
    ("url", "channels"), [("https://bot.example", {"vk", "viber"}), ("", {"vk"})]
)
def test_viber_is_sent_pictures_only_when_it_can_fetch_them(
    load, url: str, channels: set[str]
) -> None:
    assert load(PUBLIC_URL=url).picture_channels == channels


@pytest.mark.parametrize(
    "name", ["VIBER_AUTH_TOKEN", "VK_ACCESS_TOKEN", "DATABASE_URL", "PUBLIC_URL"]
)
def test_an_empty_variable_counts_as_unset(load, name: str) -> None:
    assert getattr(load(**{name: ""}), name.lower()) is None


def test_settings_do_not_change(load) -> None:
    with pytest.raises(TypeError):
        load().port = 1


@pytest.mark.parametrize("name", ["TIME_ZONE", "LOG_LEVEL"])
def test_a_name_that_nobody_knows_is_told_at_start(load, name: str) -> None:
    with pytest.raises(SettingsError, match=name):
        load(**{name: "Nowhere/Land"})


@pytest.mark.parametrize("name", sorted(RIGHT))
def test_an_empty_required_variable_is_not_a_value(load, name: str) -> None:
    with pytest.raises(SettingsError, match=name):
        load(**{name: ""})


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("CONSENT", "yes"),
        ("CONSENT_VERSION", ""),
        ("LINK_PROOF", "passport"),
        ("WRONG_NUMBERS", "0"),
        ("WRONG_NUMBERS_OF_ALL", "-1"),
        ("PRIVACY_POLICY_URL", "policy"),
    ],
)
def test_a_wrong_word_about_privacy_is_told_at_start(load, name: str, wrong: str) -> None:
    with pytest.raises(SettingsError, match=name):
        load(**{name: wrong})


def test_without_a_word_about_privacy_the_manual_holds(load) -> None:
    settings = load()
    assert (settings.consent, settings.link_proof) == ("implied", "none")
    assert (settings.wrong_numbers, settings.wrong_numbers_of_all) == (5, 300)


def test_a_file_is_read_and_the_environment_goes_before_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "env"
    file.write_text("BILLING_URL=http://file.example\nBILLING_TOKEN=t\nPORT=6006\n")
    monkeypatch.setenv("BILLING_URL", "http://environment.example")
    settings = load_settings(file)
    assert settings.port == 6006
    assert settings.billing_url == "http://environment.example"


def test_every_setting_stands_in_the_example(load) -> None:
    example = (Path(__file__).parents[2] / ".env.example").read_text(encoding="utf-8")
    assert [name for name in Settings.__fields__ if name.upper() not in example] == []


def test_the_limits_of_readings_can_be_set(load) -> None:
    settings = load(
        READING_HIGH_HEAT="2.5", READING_SILENCE_DAYS="100", READINGS_AFTER_CLOSING="refused"
    )
    limits = reading_limits(settings)
    assert (limits.high_floor_gcal, limits.silence_days) == (Decimal("2.5"), 100)
    assert settings.readings_after_closing is AfterClosing.REFUSED
    assert reading_limits(load(READING_HIGH_HEAT="5", READING_SILENCE_DAYS="183")) == (
        ReadingLimits()
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("READING_HIGH_WATER", "0"),
        ("READING_HIGH_HEAT", "much"),
        ("READING_DIAL_OVER_SHARE", "1.1"),
        ("READING_SILENCE_DAYS", "0"),
        ("READINGS_AFTER_CLOSING", "maybe"),
    ],
)
def test_a_limit_that_cannot_be_is_named(load, name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=name):
        load(**{name: value})
