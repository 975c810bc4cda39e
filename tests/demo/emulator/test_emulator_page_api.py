"""What the page asks: updates, banners, accounts; and the options at the command line."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import httpx
import pytest

from demo.emulator.accounts import BadAccounts, read_accounts
from demo.emulator.client import Resident
from demo.emulator.emulator import Emulator
from demo.emulator.options import OptionsError, read_options

TOKENS = {
    "VIBER_AUTH_TOKEN": "a",
    "VK_ACCESS_TOKEN": "b",
    "VK_SECRET": "c",
    "VK_CONFIRMATION": "d",
    "VK_GROUP_ID": "7",
}


async def test_updates_begin_with_everything_and_go_on_with_changes(
    emulator: Emulator, http: httpx.AsyncClient
) -> None:
    resident = await Resident.create(emulator, "vk")
    await resident.open()
    await resident.wait_for_answer()
    whole = (await http.get(f"{emulator.url}/api/updates")).json()
    assert whole["all"] is True
    assert [resident.key] == [someone["key"] for someone in whole["residents"]]
    query = {"since": whole["now"], "timeout": 20}
    waiting = asyncio.create_task(http.get(f"{emulator.url}/api/updates", params=query))
    await asyncio.sleep(0)
    emulator.banners.show("progress", "40 %")
    update = (await waiting).json()
    shown = [change["item"] for change in update["changes"] if change["kind"] == "banners"]
    assert shown == [{"shown": [{"kind": "progress", "text": "40 %"}]}]


async def test_a_new_reader_of_an_empty_emulator_does_not_wait(
    emulator: Emulator, http: httpx.AsyncClient
) -> None:
    query = {"since": 0, "timeout": 25}
    answer = await http.get(f"{emulator.url}/api/updates", params=query, timeout=2)
    assert answer.json()["residents"] == []


async def test_a_reader_from_before_a_reset_starts_afresh(
    emulator: Emulator, http: httpx.AsyncClient
) -> None:
    await emulator.create_resident("vk")
    before = emulator.feed.last
    await http.post(f"{emulator.url}/api/reset")
    for since in (before, 10**9):
        update = await http.get(f"{emulator.url}/api/updates", params={"since": since})
        assert update.json()["residents"] == []


async def test_banners_are_shown_replaced_and_cleared(
    emulator: Emulator, http: httpx.AsyncClient
) -> None:
    url = f"{emulator.url}/api/banner"
    await http.post(url, json={"kind": "error", "text": "строка 12"})
    answer = await http.post(url, json={"kind": "error", "text": "строка 13"})
    assert answer.json()["shown"] == [{"kind": "error", "text": "строка 13"}]
    assert (await http.post(url, json={"kind": "error", "text": ""})).json()["shown"] == []
    assert (await http.post(url, json={"kind": "song", "text": "ля"})).status_code == 400
    await http.post(url, json={"kind": "info", "text": "раз"})
    assert (await http.delete(url)).json()["shown"] == []


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/api/residents/vk-9", None, 404),
        ("POST", "/api/residents", b"[]", 400),
        ("POST", "/api/residents", b"{", 400),
        ("POST", "/api/faults", b'{"messenger": "vk"}', 400),
        ("POST", "/api/faults", b'{"messenger": "vk", "mode": "x"}', 400),
        ("GET", "/api/updates?since=x", None, 400),
        ("GET", "/nothing", None, 404),
        ("GET", "/page/../emulator.py", None, 404),
    ],
)
async def test_a_bad_request_is_explained(
    method: str, path: str, body: Any, status: int, emulator: Emulator, http: httpx.AsyncClient
) -> None:
    answer = await http.request(method, f"{emulator.url}{path}", content=body)
    assert (answer.status_code, bool(answer.json()["error"])) == (status, True)


async def test_the_page_may_load_nothing_from_elsewhere(
    emulator: Emulator, http: httpx.AsyncClient
) -> None:
    page = await http.get(emulator.url)
    assert "default-src 'self'" in page.headers["Content-Security-Policy"]
    assert "http://" not in page.text.replace("http://www.w3.org", "")
    assert (await http.get(f"{emulator.url}/page/main.js")).status_code == 200


async def test_the_confirmation_can_be_asked_from_the_page(
    emulator: Emulator, http: httpx.AsyncClient
) -> None:
    answer = await http.post(f"{emulator.url}/api/vk/confirmation")
    assert answer.json() == {"confirmed": True}


def test_accounts_come_from_yaml_json_or_the_option_itself(tmp_path: Path) -> None:
    file = tmp_path / "accounts.yml"
    file.write_text("accounts:\n  - {number: '0706', note: ноль впереди}\n  - '7060'\n")
    assert [(account.number, account.note) for account in read_accounts(str(file))] == [
        ("0706", "ноль впереди"),
        ("7060", ""),
    ]
    assert [account.number for account in read_accounts('["1", 2]')] == ["1", "2"]
    assert read_accounts("") == []


@pytest.mark.parametrize("source", ["{", "[{}]", '{"a": 1}', "/nowhere/accounts.yml"])
def test_accounts_that_cannot_be_read_are_named(source: str) -> None:
    with pytest.raises(BadAccounts):
        read_accounts(source)


def test_options_come_from_the_environment_and_the_command_line() -> None:
    options = read_options(["--port", "0", "--retry-after", "1,2.5", "--receipts"], TOKENS)
    assert (options.viber_token, options.vk_group_id, options.port) == ("a", 7, 0)
    assert (options.retry_after, options.receipts) == ((1.0, 2.5), True)
    assert "VIBER" not in repr(options)


@pytest.mark.parametrize("missing", TOKENS)
def test_a_missing_token_is_named(missing: str) -> None:
    environment = {name: value for name, value in TOKENS.items() if name != missing}
    with pytest.raises(OptionsError, match=missing):
        read_options([], environment)


def test_a_number_that_is_none_is_refused() -> None:
    with pytest.raises(OptionsError, match="number"):
        read_options(["--retry-after", "soon"], TOKENS)
