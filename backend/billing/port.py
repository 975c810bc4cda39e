"""The port to the utility's billing system."""

from __future__ import annotations

from typing import Protocol

from backend.billing.model import AcceptedReading, Account, Balance, Receipt, Submission


class Billing(Protocol):
    """Billing as the bot uses it. Every call ends within its budget, with an answer or an error.

    Each method but `healthy` and `close` raises BillingUnavailable when there is no usable answer
    and AccountNotFound when billing has no such account.
    """

    async def account(self, number: str) -> Account:
        """The account with its meters and the period that is open or closed now."""
        ...

    async def readings(self, number: str, limit: int = 36) -> tuple[AcceptedReading, ...]:
        """The account's accepted readings, newest first, at most `limit` (1 to 200) of them."""
        ...

    async def submit(self, submission: Submission) -> Receipt:
        """Hands readings over, all or nothing; the same key gives the first answer again.

        Never repeated inside: the caller keeps the submission and repeats it with the same key.

        Raises:
            SubmissionRefused: billing will never take it.
            BillingUnavailable: try again; `outcome_unknown` tells whether it may be stored already.
            ValueError: the submission itself can't be written down as the contract asks.
        """
        ...

    async def balance(self, number: str) -> Balance:
        """What the account owes or has overpaid."""
        ...

    async def healthy(self) -> bool:
        """True if billing answers its health check now. Never raises."""
        ...

    async def close(self) -> None:
        """Releases the connections."""
        ...
