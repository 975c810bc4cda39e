"""Billing over HTTP, as billing-api.yml describes it."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import TypeVar
from urllib.parse import quote

import httpx
import orjson
import structlog

from backend import asked
from backend.billing.errors import (
    AccountNotFound,
    BillingError,
    BillingUnauthorized,
    BillingUnavailable,
    Trouble,
)
from backend.billing.model import AcceptedReading, Account, Balance, Receipt, Submission
from backend.billing.privacy import mask_http_log, masked
from backend.billing.problems import error_for
from backend.billing.wire import (
    ACCOUNT_NUMBER,
    ContractBroken,
    account_from,
    balance_from,
    readings_from,
    receipt_from,
    submission_body,
)
from backend.computing import outside
from backend.http_transport import AiohttpTransport

LARGEST_BODY = 1024 * 1024
MOST_READINGS = 200
PAUSE_BEFORE_RETRY = (0.05, 0.2)
_RETRIED = {Trouble.CONNECTION, Trouble.SERVER_ERROR}
# Raised before a byte of the request can have reached billing.
_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)

T = TypeVar("T")
logger = structlog.get_logger(__name__)


class HttpBilling:
    """The port `Billing` over HTTP.

    `base_url` ends in the contract's version («…/v1»). `budget` is how many seconds one call may
    take in all. A `client` given from outside stays open after `close`.
    """

    def __init__(
        self,
        base_url: str,
        token: str,
        *,
        client: httpx.AsyncClient | None = None,
        budget: float = 3.0,
    ) -> None:
        self._base_url = base_url.rstrip("/")
        self._token = token
        self._budget = budget
        # Reading may take the whole budget: a billing that is slow but alive is still an answer.
        self._timeout = httpx.Timeout(
            connect=budget / 3, read=budget, write=budget, pool=budget / 3
        )
        self._owns_client = client is None
        self._client = client or httpx.AsyncClient(
            # A proxy that happens to be set on the machine must not see residents' data.
            trust_env=False,
            transport=AiohttpTransport(keepalive=3.0, environment_proxies=False),
        )
        mask_http_log()

    async def account(self, number: str) -> Account:
        """See `Billing.account`."""
        return await self._read("account", number, "", lambda body: account_from(body, number))

    async def readings(self, number: str, limit: int = 36) -> tuple[AcceptedReading, ...]:
        """See `Billing.readings`."""
        wanted = max(1, min(limit, MOST_READINGS))
        found = await self._read("readings", number, f"/readings?limit={wanted}", readings_from)
        return found[:wanted]

    async def balance(self, number: str) -> Balance:
        """See `Billing.balance`."""
        return await self._read("balance", number, "/balance", balance_from)

    async def submit(self, submission: Submission) -> Receipt:
        """See `Billing.submit`."""
        number = submission.account
        address = self._address(number, "/readings")
        content = submission_body(submission)
        headers = {
            "Idempotency-Key": submission.idempotency_key,
            "Content-Type": "application/json",
        }

        async def once() -> Receipt:
            body = await self._exchange("POST", address, content=content, headers=headers)
            return receipt_from(body)

        try:
            return await self._within_budget("submit", number, once, submit=True)
        finally:
            asked.changed("billing", number)

    async def healthy(self) -> bool:
        """See `Billing.healthy`."""

        async def answers() -> bool:
            async with self._client.stream(
                "GET",
                f"{self._base_url}/health",
                timeout=self._timeout,
                follow_redirects=False,
            ) as response:
                return response.status_code == 200

        try:
            return await asyncio.wait_for(answers(), self._budget)
        except (httpx.HTTPError, asyncio.TimeoutError):
            return False

    async def close(self) -> None:
        """See `Billing.close`."""
        if self._owns_client:
            await self._client.aclose()

    async def _read(self, call: str, number: str, rest: str, parse: Callable[[object], T]) -> T:
        address = self._address(number, rest)

        async def twice() -> T:
            try:
                return parse(await self._exchange("GET", address))
            except BillingUnavailable as error:
                if error.trouble not in _RETRIED or error.after:
                    raise
            await asyncio.sleep(random.uniform(*PAUSE_BEFORE_RETRY))  # noqa: S311 - spreads load
            return parse(await self._exchange("GET", address))

        return await asked.once(
            ("billing", number, call, rest),
            lambda: self._within_budget(call, number, twice, submit=False),
        )

    async def _within_budget(
        self, call: str, number: str, work: Callable[[], Awaitable[T]], *, submit: bool
    ) -> T:
        try:
            async with outside():
                return await asyncio.wait_for(work(), self._budget)
        except asyncio.TimeoutError:
            error = BillingUnavailable(
                Trouble.TIMEOUT, f"no answer in {self._budget:g} s", outcome_unknown=submit
            )
        except ContractBroken as broken:
            # The status was a success: a submission behind an unreadable receipt is likely stored.
            error = BillingUnavailable(Trouble.BROKEN_ANSWER, broken.where, outcome_unknown=submit)
        except BillingUnavailable as unavailable:
            error = unavailable
        log = logger.error if isinstance(error, BillingUnauthorized) else logger.warning
        log("billing.unavailable", call=call, account=masked(number), reason=str(error))
        raise error

    def _address(self, number: str, rest: str) -> str:
        if not ACCOUNT_NUMBER.fullmatch(number):
            raise AccountNotFound()
        return f"{self._base_url}/accounts/{quote(number, safe='')}{rest}"

    async def _exchange(
        self,
        method: str,
        address: str,
        *,
        content: bytes | None = None,
        headers: dict[str, str] | None = None,
    ) -> object:
        """Sends one request and returns the JSON of its success, or raises a BillingError."""
        submit = method == "POST"
        try:
            async with self._client.stream(
                method,
                address,
                content=content,
                headers={
                    "Authorization": f"Bearer {self._token}",
                    "Accept": "application/json, application/problem+json",
                    # A compressed answer could unfold beyond the limit before it is counted.
                    "Accept-Encoding": "identity",
                    **(headers or {}),
                },
                timeout=self._timeout,
                follow_redirects=False,
            ) as response:
                content_read = await _bounded_body(response)
        except httpx.TimeoutException as error:
            raise BillingUnavailable(
                Trouble.TIMEOUT,
                type(error).__name__,
                outcome_unknown=submit and not isinstance(error, _NOT_SENT),
            ) from error
        except httpx.HTTPError as error:
            raise BillingUnavailable(
                Trouble.CONNECTION,
                type(error).__name__,
                outcome_unknown=submit and not isinstance(error, _NOT_SENT),
            ) from error
        body = _parsed(content_read)
        if response.status_code in ((200, 201) if submit else (200,)):
            if body is None:
                raise ContractBroken("body")
            return body
        raise error_for(response.status_code, response.headers, body, submit=submit)


async def _bounded_body(response: httpx.Response) -> bytes | None:
    """The body, or None if it is too big or compressed against our wish."""
    if response.headers.get("content-encoding", "identity") != "identity":
        return None
    parts = bytearray()
    async for part in response.aiter_raw():
        parts += part
        if len(parts) > LARGEST_BODY:
            return None
    return bytes(parts)


def _parsed(content: bytes | None) -> object:
    if content is None:
        return None
    try:
        parsed: object = orjson.loads(content)
    except orjson.JSONDecodeError:
        return None
    return parsed


__all__ = ["BillingError", "HttpBilling"]
