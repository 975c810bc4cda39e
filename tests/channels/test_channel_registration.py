"""The commands that register webhooks and make links."""

from __future__ import annotations

import io
import json
from typing import Any

import httpx
import pytest

from backend.settings import Settings
from channels import links, registration
from channels.http import http_client
from tests.channels.channel_samples import VK_CONFIRMATION, VK_GROUP, VK_SECRET

PUBLIC = "https://bot.example"
HOOK = f"{PUBLIC}/webhooks/vk/webhook"
BOTH = {
    "vk_access_token": "vk-token",
    "vk_group_id": VK_GROUP,
    "vk_confirmation": VK_CONFIRMATION,
    "vk_secret": VK_SECRET,
    "viber_auth_token": "viber-token",
    "viber_api_url": "https://viber.test/pa",
    "vk_api_url": "https://vk.test/method",
}


def settings(**values: Any) -> Settings:
    return Settings(_env_file=None, billing_url="http://b", billing_token="t", **values)


class Messengers:
    """A fake VK that keeps callback servers, and a fake Viber that takes any webhook."""

    def __init__(self) -> None:
        self.servers: list[dict[str, Any]] = []
        self.codes = [VK_CONFIRMATION]
        self.statuses = ["ok"]
        self.viber: dict[str, Any] = {"status": 0, "event_types": ["message", "failed"]}
        self.calls: list[tuple[str, dict[str, Any]]] = []

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        method = request.url.path.rsplit("/", 1)[-1]
        if request.url.host == "viber.test":
            self.calls.append((method, json.loads(request.content)))
            return httpx.Response(200, json=self.viber)
        form = dict(httpx.QueryParams(request.content.decode()))
        self.calls.append((method, form))
        return httpx.Response(200, json={"response": self._vk(method, form)})

    def _vk(self, method: str, form: dict[str, str]) -> Any:
        if method == "groups.getCallbackConfirmationCode":
            return {"code": self._next(self.codes)}
        if method == "groups.getCallbackServers":
            for server in self.servers:
                server["status"] = self._next(self.statuses)
            return {"count": len(self.servers), "items": self.servers}
        if method == "groups.addCallbackServer":
            self.servers.append({"id": 3, "url": form["url"]})
            return {"server_id": 3}
        return 1

    @staticmethod
    def _next(answers: list[str]) -> str:
        return answers.pop(0) if len(answers) > 1 else answers[0]

    def named(self, method: str) -> list[dict[str, Any]]:
        return [content for name, content in self.calls if name == method]


@pytest.fixture
def messengers() -> Messengers:
    return Messengers()


async def run_registration(messengers: Messengers, **values: Any) -> tuple[int, str]:
    out = io.StringIO()
    async with http_client(httpx.MockTransport(messengers)) as http:
        code = await registration.register(settings(**values), PUBLIC, http, out, pause=0)
    return code, out.getvalue()


async def test_both_webhooks_are_registered(messengers):
    code, told = await run_registration(messengers, **BOTH)
    assert code == 0
    (viber,) = messengers.named("set_webhook")
    assert viber["url"] == f"{PUBLIC}/webhooks/viber/webhook"
    assert viber["event_types"] == ["conversation_started", "failed"]
    (added,) = messengers.named("groups.addCallbackServer")
    assert (added["url"], added["secret_key"]) == (HOOK, VK_SECRET)
    assert len(added["title"]) <= 14
    (events,) = messengers.named("groups.setCallbackSettings")
    assert events["server_id"] == "3"
    assert events["api_version"] == "5.199"
    assert {name for name, value in events.items() if value == "1"} == {
        "message_new",
        "message_event",
        "message_allow",
        "message_deny",
    }
    assert VK_CONFIRMATION in told
    assert HOOK in told
    for secret in (VK_SECRET, "vk-token", "viber-token"):
        assert secret not in told


async def test_server_with_the_same_address_is_mended_instead_of_added(messengers):
    messengers.servers = [{"id": 8, "url": "https://other"}, {"id": 9, "url": HOOK}]
    code, _ = await run_registration(messengers, **BOTH)
    assert code == 0
    assert messengers.named("groups.addCallbackServer") == []
    (edited,) = messengers.named("groups.editCallbackServer")
    assert edited["server_id"] == "9"


@pytest.mark.parametrize("codes", [["n3w"], [VK_CONFIRMATION, "n3w"]])
async def test_another_confirmation_string_is_shown_with_what_to_do(messengers, codes):
    messengers.codes = codes
    code, told = await run_registration(messengers, **BOTH)
    assert code == 1
    assert "VK_CONFIRMATION=n3w" in told
    assert "restart" in told


async def test_server_that_vk_confirms_after_a_while_is_registered(messengers):
    messengers.statuses = ["wait", "wait", "ok"]
    assert (await run_registration(messengers, **BOTH))[0] == 0


@pytest.mark.parametrize("status", ["failed", "wait", "unconfigured"])
async def test_server_that_vk_can_not_confirm_is_an_error(messengers, status):
    messengers.statuses = [status]
    code, told = await run_registration(messengers, **BOTH)
    assert code == 1
    assert f"«{status}»" in told


async def test_messenger_that_refuses_does_not_stop_the_other(messengers):
    messengers.viber = {"status": 1, "status_message": "Result code: 500"}
    code, told = await run_registration(messengers, **BOTH)
    assert code == 1
    assert "Viber: not registered" in told
    assert "VK: callback server 3" in told


async def test_only_the_channel_with_a_token_is_registered(messengers):
    code, _ = await run_registration(
        messengers, viber_auth_token="t", viber_api_url="https://viber.test/pa"
    )
    assert code == 0
    assert [name for name, _ in messengers.calls] == ["set_webhook"]


async def test_no_channel_at_all_is_a_matter_of_settings(messengers):
    code, told = await run_registration(messengers)
    assert (code, messengers.calls) == (2, [])
    assert "VIBER_AUTH_TOKEN" in told


@pytest.mark.parametrize("arguments", [[], ["--public-url", "http://bot.example"]])
def test_address_that_no_messenger_can_call_is_refused(bot_environment, arguments):
    out = io.StringIO()
    assert registration.main(arguments, out) == 2
    assert "PUBLIC_URL" in out.getvalue()


@pytest.mark.parametrize("command", [registration.main, links.main])
def test_wrong_settings_are_told_by_name(bot_environment, command):
    bot_environment(VK_ACCESS_TOKEN="t")
    out = io.StringIO()
    assert command([], out) == 2
    assert "VK_SECRET" in out.getvalue()


async def make(messengers: Messengers, folder, uri: str | None = None, **values: Any):
    out = io.StringIO()
    async with http_client(httpx.MockTransport(messengers)) as http:
        code = await links.make_links(settings(**values), folder, http, out, uri)
    return code, out.getvalue()


async def test_links_are_printed_and_saved_as_pictures(messengers, tmp_path):
    messengers.viber = {"status": 0, "uri": "teplo set&1"}
    code, told = await make(messengers, tmp_path / "new" / "links", **BOTH)
    assert code == 0
    assert "viber://pa?chatURI=teplo%20set%261" in told
    assert f"https://vk.me/club{VK_GROUP}" in told
    assert f"https://vk.com/write-{VK_GROUP}" in told
    for name in ("viber.png", "vk.png"):
        assert (tmp_path / "new" / "links" / name).read_bytes().startswith(b"\x89PNG\r\n")


async def test_given_uri_asks_viber_nothing(messengers, tmp_path):
    code, told = await make(messengers, tmp_path, uri="teploset")
    assert (code, messengers.calls) == (0, [])
    assert "viber://pa?chatURI=teploset" in told
    assert not (tmp_path / "vk.png").exists()


@pytest.mark.parametrize("answer", [{"status": 2}, {"status": 0}, {"status": 0, "uri": 7}])
async def test_link_that_viber_does_not_tell_is_an_error(messengers, tmp_path, answer):
    messengers.viber = answer
    code, told = await make(messengers, tmp_path, **BOTH)
    assert code == 1
    assert "--viber-uri" in told
    assert (tmp_path / "vk.png").exists()


def test_links_go_to_the_data_folder_unless_told_otherwise(bot_environment, tmp_path):
    bot_environment(VK_GROUP_ID=str(VK_GROUP), DATA_DIR=str(tmp_path / "data"))
    out = io.StringIO()
    assert links.main([], out) == 0
    assert (tmp_path / "data" / "links" / "vk.png").exists()
    assert links.main(["--out", str(tmp_path / "here")], out) == 0
    assert (tmp_path / "here" / "vk.png").exists()


def test_no_channel_makes_no_link(bot_environment):
    out = io.StringIO()
    assert links.main([], out) == 2
