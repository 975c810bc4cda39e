"""What documents and deploys the configuration names the settings that exist, and all of them."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest
import yaml

from backend.delivery.pictures import PATH, SUFFIX
from backend.settings import Settings, load_settings

ROOT = Path(__file__).resolve().parents[2]
SETTINGS = {name.upper() for name in Settings.__fields__}
# Read by the composition itself, not by the bot.
OF_COMPOSE = {"POSTGRES_PASSWORD", "SITE"}


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def compose() -> dict:
    return yaml.safe_load(text("deploy/compose.yml"))


def targets() -> set[str]:
    return set(re.findall(r"^([a-z][a-z-]*):.*## ", text("Makefile"), re.MULTILINE))


def test_the_example_has_every_setting_once() -> None:
    names = re.findall(r"^([A-Z_]+)=", text(".env.example"), re.MULTILINE)
    assert sorted(names) == sorted(SETTINGS)


def test_the_example_explains_every_group_of_settings() -> None:
    for group in text(".env.example").split("\n\n"):
        assert group.startswith("#"), group


def test_the_example_is_valid_as_it_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in SETTINGS:
        monkeypatch.delenv(name, raising=False)
    settings = load_settings(ROOT / ".env.example")
    assert not settings.vk_is_on
    assert not settings.viber_is_on
    assert settings.database_url is None


def test_the_examples_values_are_the_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in SETTINGS:
        monkeypatch.delenv(name, raising=False)
    settings = load_settings(ROOT / ".env.example")
    differing = {
        name: getattr(settings, name)
        for name, field in Settings.__fields__.items()
        if not field.required and getattr(settings, name) != field.default
    }
    # Code holds no Russian words: the example has the name that residents know.
    assert differing == {"viber_sender_name": "ТГК-1"}


def test_the_readme_lists_every_setting() -> None:
    listed = set(re.findall(r"`([A-Z][A-Z_]+)`", text("README.md")))
    assert listed >= SETTINGS


def test_every_make_target_named_in_the_documents_exists() -> None:
    for name in ("README.md", "deploy/README.md", ".env.example", "CHANGELOG.md"):
        named = set(re.findall(r"`make ([a-z-]+)", text(name)))
        assert named <= targets(), name


def test_make_help_lists_every_target_with_its_purpose() -> None:
    environment = {**os.environ, "MAKEFLAGS": ""}
    done = subprocess.run(
        ["make", "--no-print-directory", "help"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        env=environment,
        timeout=20,
    )
    assert done.returncode == 0
    listed = {line.split()[1]: line.split()[2:] for line in done.stdout.splitlines()}
    assert set(listed) == targets()
    assert all(listed.values())
    assert {"run", "test", "serve", "help"} <= set(listed)


def test_the_bots_of_the_composition_get_settings_that_exist() -> None:
    services = compose()["services"]
    bots = [service for service in services.values() if service.get("env_file")]
    assert len(bots) == 3  # two that run turns, one that receives
    for bot in bots:
        assert set(bot["environment"]) <= SETTINGS
        assert bot["environment"]["DATABASE_URL"].startswith("postgresql://")


def test_the_composition_asks_only_for_variables_it_names() -> None:
    asked = set(re.findall(r"\$\{([A-Z_]+)", text("deploy/compose.yml")))
    assert asked == OF_COMPOSE
    for name in asked:
        assert f"{name}=" in text("deploy/README.md")


def test_the_proxy_sends_webhooks_and_pictures_to_every_bot() -> None:
    caddy = text("deploy/Caddyfile")
    for service in compose()["services"]:
        if service.startswith("bot-"):
            assert caddy.count(f"{service}:5005") == 2  # webhooks, pictures
    assert caddy.count("receiver:5005") == 1
    for channel in ("vk", "viber"):
        assert f"/webhooks/{channel}/webhook" in caddy
    assert f"path {PATH}/*{SUFFIX}" in caddy
    assert caddy.count("{") == caddy.count("}")


def test_webhooks_go_to_the_receiver_first_which_finds_the_bots_by_their_common_name() -> None:
    assert re.search(
        r"reverse_proxy receiver:5005 [^{]*\{\s+lb_policy first", text("deploy/Caddyfile")
    )
    services = compose()["services"]
    assert services["receiver"]["command"] == ["python", "-m", "server.receiver"]
    assert services["receiver"]["environment"]["BOT_URL"] == "http://bots:5005"
    for name in ("bot-1", "bot-2"):
        assert services[name]["networks"]["inside"]["aliases"] == ["bots"]
        assert "BOT_URL" not in services[name]["environment"]


def test_the_image_runs_as_an_ordinary_user_and_asks_for_readiness() -> None:
    dockerfile = text("deploy/Dockerfile")
    last = dockerfile.split("\nFROM ")[-1]
    assert re.search(r"^USER (?!root)\w+$", last, re.MULTILINE)
    assert re.search(r"HEALTHCHECK .*\n.*health/ready", last)
    assert re.search(r'^CMD \["python", "-m", "server"\]$', last, re.MULTILINE)


def test_the_image_takes_only_what_exists_and_never_the_demo() -> None:
    ignore = text("deploy/Dockerfile.dockerignore").splitlines()
    allowed = {line[1:] for line in ignore if line.startswith("!")}
    copied = set()
    for line in re.findall(r"^COPY (?!--from)(.+)$", text("deploy/Dockerfile"), re.MULTILINE):
        copied |= set(line.split()[:-1])
    assert copied == allowed
    assert "demo" not in copied
    for name in copied:
        assert (ROOT / name).exists(), name


@pytest.mark.parametrize("script", [".ci/run", "tools/setup", "tools/find-python"])
def test_scripts_can_be_run_and_are_sound(script: str) -> None:
    assert os.access(ROOT / script, os.X_OK)
    done = subprocess.run(["bash", "-n", script], cwd=ROOT, capture_output=True, timeout=20)
    assert done.returncode == 0, done.stderr


def test_plain_rasa_finds_its_files() -> None:
    credentials = yaml.safe_load(text("credentials.yml"))
    assert set(credentials) == {
        "rest",
        "channels.vk.connector.VkInput",
        "channels.viber.connector.ViberInput",
    }
    assert set(yaml.safe_load(text("endpoints.yml"))) == {"action_endpoint"}
