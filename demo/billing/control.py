"""The demo's control routes under /_demo/: faults, stored submissions, the clock, reset.

POST   /_demo/faults       sets a fault (the fields of `Fault`), answers with all faults
GET    /_demo/faults       the faults in force and how many calls of each kind were made
DELETE /_demo/faults       clears both
GET    /_demo/submissions  everything that was answered, with keys and numbers of requests
GET    /_demo/accounts     the seeded accounts and what each is for
POST   /_demo/today        {"today": "2019-12-20"} or {"today": null} for the real day
POST   /_demo/reset        back to the seeds, without faults
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Any

import orjson
from sanic import Sanic
from sanic.response import HTTPResponse

from demo.billing.faults import Fault, FaultPlan
from demo.billing.ledger import Ledger
from demo.billing.problems import about_http, as_response


def add_control(app: Sanic, ledger: Ledger, plan: FaultPlan) -> None:
    """Adds the routes. They need no token: the demo listens on this machine only."""

    def state() -> HTTPResponse:
        return _json({"faults": [asdict(fault) for fault in plan.faults], "calls": plan.made})

    async def show_faults(_: Any) -> HTTPResponse:
        return state()

    async def set_fault(request: Any) -> HTTPResponse:
        try:
            plan.faults.append(Fault(**orjson.loads(request.body)))
        except (TypeError, ValueError):
            return about_http(400)
        return state()

    async def clear_faults(_: Any) -> HTTPResponse:
        plan.clear()
        return state()

    async def submissions(_: Any) -> HTTPResponse:
        return _json({"submissions": ledger.submissions()})

    async def accounts(_: Any) -> HTTPResponse:
        return _json(
            {
                "accounts": [
                    {"number": account.number, "about": account.about, "address": account.address}
                    for account in ledger.accounts.values()
                    if account.about
                ]
            }
        )

    async def set_today(request: Any) -> HTTPResponse:
        try:
            given = orjson.loads(request.body)["today"]
            ledger.set_today(None if given is None else date.fromisoformat(given))
        except (TypeError, ValueError, KeyError):
            return about_http(400)
        return _json({"today": ledger.today().isoformat()})

    async def reset(_: Any) -> HTTPResponse:
        plan.clear()
        ledger.reset()
        return state()

    app.add_route(show_faults, "/_demo/faults", name="show_faults")
    app.add_route(set_fault, "/_demo/faults", methods=["POST"], name="set_fault")
    app.add_route(clear_faults, "/_demo/faults", methods=["DELETE"], name="clear_faults")
    app.add_route(submissions, "/_demo/submissions", name="submissions")
    app.add_route(accounts, "/_demo/accounts", name="accounts")
    app.add_route(set_today, "/_demo/today", methods=["POST"], name="set_today")
    app.add_route(reset, "/_demo/reset", methods=["POST"], name="reset")


def _json(body: Any) -> HTTPResponse:
    return as_response(200, orjson.dumps(body))
