"""The operator's command: who objects, unlinking the other, closing."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import text

from backend.accounts.service import LinkedAccounts
from backend.privacy.notices import LinkNotices
from backend.storage.database import Database
from server.objections import main

ANNA, BORIS, ONE = "vk:1", "vk:2", "7060012345"


@pytest.fixture
def environment(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENV_FILE", "/nonexistent")
    monkeypatch.setenv("BILLING_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("BILLING_TOKEN", "t")
    monkeypatch.setenv("DATABASE_URL", database_url)


@pytest.fixture
def objection(environment: None, database_url: str) -> None:
    """Anna objects to Boris, who has linked her account."""

    async def make() -> None:
        database = Database(database_url, pool_size=1)
        async with database.transaction() as connection:
            await connection.execute(
                text(
                    "INSERT INTO residents (resident, channel, user_id) VALUES ('vk:1', 'vk', '1')"
                )
            )
        for resident in (ANNA, BORIS):
            await LinkedAccounts(database).link(resident, ONE)
        await LinkNotices(database).tell_others(BORIS, ONE)
        await LinkNotices(database).object(ANNA)
        await database.close()

    asyncio.run(make())


Printed = pytest.CaptureFixture[str]


def test_without_objections_nothing_is_listed(environment: None, capsys: Printed) -> None:
    assert main(["list"]) == 0
    assert capsys.readouterr().out == "Nobody objects.\n"


def test_an_objection_is_listed_with_the_account_and_the_others(
    objection: None, capsys: Printed
) -> None:
    assert main(["list"]) == 0
    name, _, account, what = capsys.readouterr().out.rstrip("\n").split("\t")
    assert (name, account, what) == ("obj-1", ONE, f"{ANNA} objects to {BORIS}")


def test_the_other_is_unlinked_and_the_objection_closed(objection: None, capsys: Printed) -> None:
    assert main(["unlink", "obj-1", BORIS]) == 0
    assert main(["list"]) == 0
    assert "nobody else any more" in capsys.readouterr().out
    assert main(["close", "obj-1"]) == 0
    assert main(["list"]) == 0
    assert "Nobody objects." in capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments",
    [
        ["close", "obj-2"],
        ["close", "1"],
        ["unlink", "obj-2", BORIS],
        ["unlink", "obj-1", ANNA],
        ["unlink", "obj-1", "vk:3"],
    ],
)
def test_what_is_not_there_is_named_and_changes_nothing(
    objection: None, capsys: Printed, arguments: list[str]
) -> None:
    assert main(arguments) == 1
    assert capsys.readouterr().err
    assert main(["list"]) == 0
    assert BORIS in capsys.readouterr().out


def test_the_setting_that_is_missing_is_named(
    environment: None, monkeypatch: pytest.MonkeyPatch, capsys: Printed
) -> None:
    monkeypatch.delenv("BILLING_TOKEN")
    assert main(["list"]) == 2
    assert "BILLING_TOKEN" in capsys.readouterr().err
