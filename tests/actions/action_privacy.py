"""Fakes of consents, wrong numbers, notices and stored data."""

from __future__ import annotations

from datetime import datetime, timedelta

from backend.privacy.consents import Consent
from backend.privacy.policy import Policy
from backend.privacy.stored import Stored
from tests.actions.action_fakes import NOW

POLICY = Policy(url="https://example.org/policy", version="7")


class FakeConsents:
    def __init__(self, privacy: FakePrivacy) -> None:
        self.privacy = privacy
        self.given: dict[str, tuple[str, bool]] = {}

    async def is_due(self, resident: str) -> bool:
        policy = self.privacy.policy
        version, explicit = self.given.get(resident, ("", False))
        return version != policy.version or (policy.explicit and not explicit)

    async def give(self, resident: str) -> None:
        if await self.is_due(resident):
            self.given[resident] = (self.privacy.policy.version, self.privacy.policy.explicit)


class FakeWrongNumbers:
    def __init__(self, privacy: FakePrivacy) -> None:
        self.privacy = privacy
        self.counted: list[str] = []

    async def paused_until(self, resident: str) -> datetime | None:
        if self.counted.count(resident) < self.privacy.policy.wrong_numbers:
            return None
        return NOW + timedelta(minutes=40)

    async def count(self, resident: str) -> None:
        self.counted.append(resident)


class FakeNotices:
    def __init__(self) -> None:
        self.told: list[tuple[str, str]] = []
        self.pending: tuple[str, ...] = ()

    async def tell_others(self, resident: str, account: str) -> int:
        self.told.append((resident, account))
        return 0

    async def object(self, resident: str) -> tuple[str, ...]:
        pending, self.pending = self.pending, ()
        return pending


class FakeStored:
    def __init__(self) -> None:
        self.stored = Stored((), None)
        self.removed: list[str] = []
        self.withheld = 0

    async def of(self, resident: str) -> Stored:
        return self.stored

    async def remove(self, resident: str) -> None:
        self.removed.append(resident)

    def withhold(self) -> None:
        self.withheld += 1


class FakePrivacy:
    """Everything in memory; `policy` may be replaced."""

    def __init__(self) -> None:
        self.policy = POLICY
        self.consents = FakeConsents(self)
        self.wrong_numbers = FakeWrongNumbers(self)
        self.notices = FakeNotices()
        self.stored = FakeStored()


def some_consent(version: str = "7", *, explicit: bool = False) -> Consent:
    """Given at noon in Moscow."""
    return Consent(version, explicit, NOW)
