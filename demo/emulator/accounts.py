"""The demo accounts that the page offers to type."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml


class BadAccounts(Exception):
    """The list of demo accounts cannot be read; the message says why."""


@dataclass(frozen=True)
class Account:
    """A number a resident may type, and what is special about it."""

    number: str
    note: str = ""


def read_accounts(source: str) -> list[Account]:
    """Reads a YAML or JSON file, or JSON itself if `source` begins like it.

    Entries are numbers, or objects with `number` and optionally `note`; they may stand under
    the key `accounts`. An empty source means no accounts.

    Raises:
        BadAccounts: the file is missing or holds something else.
    """
    if not source:
        return []
    try:
        text = source if source[0] in "[{" else Path(source).read_text(encoding="utf-8")
        data = yaml.safe_load(text)
    except (OSError, yaml.YAMLError) as error:
        raise BadAccounts(f"{source}: {error}") from None
    entries = data.get("accounts") if isinstance(data, dict) else data
    if not isinstance(entries, list):
        raise BadAccounts(f"{source}: a list of accounts is expected")
    return [_account(entry) for entry in entries]


def _account(entry: object) -> Account:
    fields: Mapping[str, Any] = entry if isinstance(entry, dict) else {"number": entry}
    number = fields.get("number")
    if not isinstance(number, str | int) or isinstance(number, bool):
        raise BadAccounts(f"an account without a number: {entry!r}")
    return Account(str(number), str(fields.get("note") or ""))
