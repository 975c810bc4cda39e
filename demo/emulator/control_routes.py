"""The JSON API under /api through which the page and tests in other processes use the emulator."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from sanic import HTTPResponse, Request, Sanic
from sanic.response import json as json_response

from demo.emulator.accounts import BadAccounts
from demo.emulator.banners import BadBanner
from demo.emulator.control import CannotDo, NoSuchButton
from demo.emulator.faults import Fault, UnknownFault
from demo.emulator.residents import TooManyResidents, UnknownResident

if TYPE_CHECKING:
    from demo.emulator.emulator import Emulator

MAX_WAIT = 60.0
SHOWN_RESIDENTS = 200
SHOWN_MESSAGES = 100
SHOWN_EXCHANGES = 300


class BadRequest(Exception):
    """The body or the query is not what the API expects."""


_STATUS = {
    UnknownResident: 404,
    NoSuchButton: 409,
    CannotDo: 400,
    TooManyResidents: 409,
    UnknownFault: 400,
    BadBanner: 400,
    BadRequest: 400,
}


def add_control_routes(app: Sanic, emulator: Emulator) -> None:
    """Adds the routes to the application."""

    async def list_residents(request: Request) -> HTTPResponse:
        return json_response({"residents": [v.to_json() for v in await emulator.residents()]})

    async def create(request: Request) -> HTTPResponse:
        body = _object(request)
        name = body.get("name")
        view = await emulator.create_resident(
            str(body.get("messenger", "")), str(name) if name else None
        )
        return json_response(view.to_json(), 201)

    async def show(request: Request, key: str) -> HTTPResponse:
        return json_response((await emulator.resident(key)).to_json())

    async def messages(request: Request, key: str) -> HTTPResponse:
        since, timeout = int(_number(request, "since")), _number(request, "timeout")
        found = await emulator.messages(key, since, min(timeout, MAX_WAIT))
        return json_response({"messages": [message.to_json() for message in found]})

    async def act(request: Request, key: str, action: str) -> HTTPResponse:
        if request.content_type.startswith("image/"):
            details: dict[str, Any] = {"content": request.body}
        else:
            details = _object(request)
        await emulator.act(key, action, **details)
        return json_response((await emulator.resident(key)).to_json())

    async def updates(request: Request) -> HTTPResponse:
        since, timeout = int(_number(request, "since")), _number(request, "timeout")
        if since:
            await emulator.feed.wait(since, min(timeout, MAX_WAIT))
        changes = emulator.feed.since(since) if since else None
        if changes is None:
            return json_response(_everything(emulator))
        latest = {(change.kind, id(change.item)): change for change in changes}
        items = [{"kind": c.kind, "item": c.item.to_json()} for c in latest.values()]
        return json_response({"now": emulator.feed.last, "changes": items})

    async def traffic(request: Request) -> HTTPResponse:
        since = _number(request, "since")
        kept = [e.to_json() for e in emulator.traffic.exchanges if e.number > since]
        return json_response({"exchanges": kept})

    async def acknowledgements(request: Request) -> HTTPResponse:
        acks = await emulator.acknowledgements()
        return json_response({"acknowledgements": [ack.to_json() for ack in acks]})

    async def add_fault(request: Request) -> HTTPResponse:
        try:
            fault = Fault(**_object(request))
        except TypeError as error:
            raise BadRequest(str(error)) from None
        await emulator.add_fault(fault)
        return json_response({"faults": emulator.faults.to_json()}, 201)

    async def clear_faults(request: Request) -> HTTPResponse:
        emulator.faults.clear()
        return json_response({"faults": []})

    async def set_banner(request: Request) -> HTTPResponse:
        body = _object(request)
        emulator.banners.show(str(body.get("kind", "info")), str(body.get("text", "")))
        return json_response(emulator.banners.to_json())

    async def clear_banners(request: Request) -> HTTPResponse:
        emulator.banners.clear()
        return json_response(emulator.banners.to_json())

    async def accounts(request: Request) -> HTTPResponse:
        try:
            return json_response({"accounts": [asdict(a) for a in emulator.accounts()]})
        except BadAccounts as error:
            return json_response({"accounts": [], "problem": str(error)})

    async def confirm_vk(request: Request) -> HTTPResponse:
        return json_response({"confirmed": await emulator.confirm_vk()})

    async def reset(request: Request) -> HTTPResponse:
        await emulator.reset()
        return json_response({"now": emulator.feed.last})

    async def refused(request: Request, error: Exception) -> HTTPResponse:
        status = next(code for kind, code in _STATUS.items() if isinstance(error, kind))
        return json_response({"error": str(error), "type": type(error).__name__}, status)

    app.add_route(list_residents, "/api/residents")
    app.add_route(create, "/api/residents", methods=["POST"])
    app.add_route(show, "/api/residents/<key:str>")
    app.add_route(messages, "/api/residents/<key:str>/messages")
    app.add_route(act, "/api/residents/<key:str>/<action:str>", methods=["POST"])
    app.add_route(updates, "/api/updates")
    app.add_route(traffic, "/api/traffic")
    app.add_route(acknowledgements, "/api/acknowledgements")
    app.add_route(add_fault, "/api/faults", methods=["POST"])
    app.add_route(clear_faults, "/api/faults", methods=["DELETE"])
    app.add_route(set_banner, "/api/banner", methods=["POST"])
    app.add_route(clear_banners, "/api/banner", methods=["DELETE"])
    app.add_route(accounts, "/api/accounts")
    app.add_route(confirm_vk, "/api/vk/confirmation", methods=["POST"])
    app.add_route(reset, "/api/reset", methods=["POST"])
    for kind in _STATUS:
        app.error_handler.add(kind, refused)


def _everything(emulator: Emulator) -> dict[str, Any]:
    residents = emulator.population.all()[-SHOWN_RESIDENTS:]
    messages = [
        {"resident": resident.key, **message.to_json()}
        for resident in residents
        for message in list(resident.messages)[-SHOWN_MESSAGES:]
    ]
    exchanges = list(emulator.traffic.exchanges)[-SHOWN_EXCHANGES:]
    return {
        "now": emulator.feed.last,
        "all": True,
        "bot": emulator.options.bot_name,
        "residents": [resident.to_json() for resident in residents],
        "messages": messages,
        "exchanges": [exchange.to_json() for exchange in exchanges],
        "banners": emulator.banners.to_json(),
    }


def _object(request: Request) -> dict[str, Any]:
    if not request.body:
        return {}
    body = request.json
    if not isinstance(body, dict):
        raise BadRequest("the body must be a JSON object")
    return body


def _number(request: Request, name: str) -> float:
    try:
        return float(request.args.get(name, "0"))
    except ValueError:
        raise BadRequest(f"{name} must be a number") from None
