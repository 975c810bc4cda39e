"""The demo billing as a Sanic application: the contract's routes and nothing else."""

from __future__ import annotations

import asyncio
import hmac
import logging
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import uuid4

import orjson
from sanic import Sanic
from sanic.exceptions import SanicException
from sanic.handlers import ErrorHandler
from sanic.response import HTTPResponse

from demo.billing.control import add_control
from demo.billing.faults import Fault, FaultPlan, cut
from demo.billing.ledger import Ledger
from demo.billing.problems import Problems, about_http, as_response
from demo.billing.rules import Refused
from demo.billing.submissions import Invalid, parse

LARGEST_BODY = 256 * 1024
MOST_READINGS = 200
_NUMBER = re.compile(r"[0-9]{5,12}")
_KEY = re.compile(r"[ -~]{1,64}")
_LIMIT = re.compile(r"[0-9]{1,3}")

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Options:
    """How one demo billing is set up. `database` is a file or «:memory:».

    `crowd` is how many plain accounts there are; None: as many as the seeds say.
    """

    token: str = "demo-token"
    database: str = ":memory:"
    today: date | None = None
    control: bool = False
    crowd: int | None = None


class _Application(Sanic):
    """Sanic without its rewriting of its own classes at start, which only one app survives.

    The rewriting takes out signals that nobody listens to; here they are dropped when sent.
    """

    async def _startup(self) -> None:
        self.signalize()
        self.finalize()
        ErrorHandler.finalize(self.error_handler, config=self.config)
        self.state.is_started = True

    async def dispatch(self, event: str, *args: Any, **options: Any) -> Any:
        """Sends the signals of the server's life and drops those of single requests."""
        if event.startswith("http."):
            return None
        return await super().dispatch(event, *args, **options)


def create_app(options: Options) -> Sanic:
    """An application with its own memory; several may live in one process."""
    app = _Application(f"demo-billing-{uuid4().hex}", configure_logging=False)
    app.config.REQUEST_MAX_SIZE = LARGEST_BODY
    app.config.ACCESS_LOG = False
    app.config.KEEP_ALIVE_TIMEOUT = 60
    problems = Problems()
    service = _Service(
        options,
        problems,
        Ledger(options.database, options.today, problems.of, options.crowd),
        FaultPlan(),
    )
    _add_routes(app, service)
    if options.control:
        add_control(app, service.ledger, service.plan)

    async def close(*_: object) -> None:
        service.ledger.close()

    app.register_listener(close, "after_server_stop")
    return app


@dataclass(frozen=True)
class _Service:
    options: Options
    problems: Problems
    ledger: Ledger
    plan: FaultPlan

    async def answer(
        self,
        request: Any,
        call: str,
        number: str | None,
        work: Callable[[], tuple[HTTPResponse, bool]],
    ) -> HTTPResponse:
        """Runs `work`, which also tells whether it did something new, with the faults in force."""
        fault = self._fault(call, number)
        if fault and not fault.stores:
            early = await self._early(request, fault)
            if early is not None:
                return early
        response, is_new = self._checked(request, call, number, work)
        if fault and fault.stores and (is_new or not fault.first_only):
            return await self._late(request, fault)
        return response

    def _fault(self, call: str, number: str | None) -> Fault | None:
        fault = self.plan.take(call, number)
        account = self.ledger.accounts.get(number) if number else None
        usual = account.behaviour if account else None
        # The store_… modes need something to store: reads of such an account work.
        if fault is None and usual and (call == "submit" or not usual.stores):
            return usual
        return fault

    async def _early(self, request: Any, fault: Fault) -> HTTPResponse | None:
        if fault.mode == "delay":
            await asyncio.sleep(fault.seconds)
            return None
        if fault.mode == "reset":
            await cut(request)
        if fault.mode == "garbage":
            return as_response(200, fault.body.encode())
        after = {} if fault.retry_after is None else {"Retry-After": str(fault.retry_after)}
        if fault.status == 503:
            return self.problems.response(Refused("temporarily_unavailable"), after)
        return about_http(fault.status, after)

    async def _late(self, request: Any, fault: Fault) -> HTTPResponse:
        if fault.mode == "store_then_garbage":
            return as_response(200, fault.body.encode())
        if fault.mode == "store_then_timeout":
            await asyncio.sleep(fault.seconds)
        await cut(request)
        raise RuntimeError("the connection outlived its end")

    def _checked(
        self,
        request: Any,
        call: str,
        number: str | None,
        work: Callable[[], tuple[HTTPResponse, bool]],
    ) -> tuple[HTTPResponse, bool]:
        try:
            if call != "health":
                self._check_token(request)
            if number is not None and not (
                _NUMBER.fullmatch(number) and number in self.ledger.accounts
            ):
                raise Refused("account_not_found")
            return work()
        except Invalid as invalid:
            return self.problems.response(Refused("invalid_request", field=invalid.field)), False
        except Refused as refused:
            headers = {"WWW-Authenticate": "Bearer"} if refused.code == "unauthorized" else None
            return self.problems.response(refused, headers), False

    def _check_token(self, request: Any) -> None:
        given = request.headers.get("authorization", "")
        expected = f"Bearer {self.options.token}"
        # Bytes, because compare_digest refuses text that is not ASCII.
        if not hmac.compare_digest(
            given.encode("utf-8", "surrogateescape"), expected.encode("utf-8")
        ):
            raise Refused("unauthorized")


def _add_routes(app: Sanic, service: _Service) -> None:
    ledger = service.ledger

    async def health(request: Any) -> HTTPResponse:
        return await service.answer(request, "health", None, lambda: _found({"status": "ok"}))

    async def account(request: Any, number: str) -> HTTPResponse:
        return await service.answer(
            request, "account", number, lambda: _found(ledger.account(number))
        )

    async def readings(request: Any, number: str) -> HTTPResponse:
        return await service.answer(
            request, "readings", number, lambda: _found(ledger.readings(number, _limit(request)))
        )

    async def balance(request: Any, number: str) -> HTTPResponse:
        return await service.answer(
            request, "balance", number, lambda: _found(ledger.balance(number))
        )

    async def submit(request: Any, number: str) -> HTTPResponse:
        def work() -> tuple[HTTPResponse, bool]:
            key = request.headers.get("idempotency-key", "")
            if not _KEY.fullmatch(key):
                raise Refused("missing_key")
            try:
                body = orjson.loads(request.body)
            except orjson.JSONDecodeError:
                raise Refused("malformed_json") from None
            answer = ledger.submit(number, key, parse(body))
            return as_response(answer.status, answer.content), answer.fresh

        return await service.answer(request, "submit", number, work)

    app.add_route(health, "/v1/health", name="health")
    app.add_route(health, "/health", name="root_health")
    app.add_route(account, "/v1/accounts/<number>", name="account")
    app.add_route(readings, "/v1/accounts/<number>/readings", name="readings")
    app.add_route(submit, "/v1/accounts/<number>/readings", methods=["POST"], name="submit")
    app.add_route(balance, "/v1/accounts/<number>/balance", name="balance")

    async def http_problem(_: Any, error: Exception) -> HTTPResponse:
        if isinstance(error, SanicException):
            allowed = (getattr(error, "headers", None) or {}).get("Allow")
            return about_http(error.status_code or 500, {"Allow": allowed} if allowed else None)
        logger.exception("unexpected error", exc_info=error)
        return about_http(500)

    app.error_handler.add(Exception, http_problem)


def _found(body: dict[str, Any]) -> tuple[HTTPResponse, bool]:
    return as_response(200, orjson.dumps(body)), False


def _limit(request: Any) -> int:
    given = request.args.getlist("limit", ["36"])
    if len(given) != 1 or not _LIMIT.fullmatch(given[0]) or not 1 <= int(given[0]) <= MOST_READINGS:
        raise Refused("invalid_limit")
    return int(given[0])
