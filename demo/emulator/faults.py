"""Faults that are switched on for the next calls of the fake APIs or the next webhooks."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

# What happens to a call as a whole, whatever it carries.
SPOILING = ("http", "hang", "accept_then_http", "accept_then_hang")
API_MODES = ("error", *SPOILING)
WEBHOOK_MODES = ("twice", "at_once")


class UnknownFault(Exception):
    """The fault asked for does not exist; the message names the possible ones."""


@dataclass(frozen=True)
class Fault:
    """One rule, used up after `count` uses.

    API modes: `error` answers the messenger's `code`, `http` answers `status`, `hang` accepts
    nothing and closes the connection after `seconds`; the `accept_then_` forms take the call
    first, as when only the answer is lost. Webhook modes: `twice` delivers `copies` one after
    another, `at_once` at the same moment. Empty `method` or `user_id` means any.
    """

    messenger: str
    mode: str
    count: int = 1
    code: int = 1
    status: int = 502
    seconds: float = 15.0
    copies: int = 2
    method: str = ""
    user_id: str = ""

    def __post_init__(self) -> None:
        if self.messenger not in ("viber", "vk"):
            raise UnknownFault(f"messenger must be viber or vk, not {self.messenger!r}")
        if self.mode not in (*API_MODES, *WEBHOOK_MODES):
            known = ", ".join((*API_MODES, *WEBHOOK_MODES))
            raise UnknownFault(f"mode must be one of {known}, not {self.mode!r}")
        if self.copies < 1:
            raise UnknownFault("copies must be at least 1")

    @property
    def accepts(self) -> bool:
        """True when the call takes effect although its answer is spoiled."""
        return self.mode.startswith("accept_then_")


class Faults:
    """The rules in the order they were added; the first that fits a call is used."""

    def __init__(self) -> None:
        self._rules: list[Fault] = []

    def add(self, fault: Fault) -> None:
        """Switches a fault on."""
        if fault.count > 0:
            self._rules.append(fault)

    def for_api(
        self, messenger: str, method: str, user_id: str, modes: tuple[str, ...] = API_MODES
    ) -> Fault | None:
        """Uses up and returns the fault for this call, if any of the modes."""
        return self._take(modes, messenger, method, user_id)

    def for_webhook(self, messenger: str, event: str, user_id: str) -> Fault | None:
        """Uses up and returns the fault for this delivery, if any."""
        return self._take(WEBHOOK_MODES, messenger, event, user_id)

    def clear(self) -> None:
        """Switches everything off."""
        self._rules.clear()

    def to_json(self) -> list[dict[str, Any]]:
        """The rules that are still on."""
        return [vars(rule) for rule in self._rules]

    def _take(self, modes: tuple[str, ...], messenger: str, method: str, user: str) -> Fault | None:
        for index, rule in enumerate(self._rules):
            fits = (
                rule.mode in modes
                and rule.messenger == messenger
                and rule.method in ("", method)
                and rule.user_id in ("", user)
            )
            if fits:
                left = replace(rule, count=rule.count - 1)
                self._rules[index : index + 1] = [left] if left.count else []
                return rule
        return None
