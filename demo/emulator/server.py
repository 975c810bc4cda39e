"""The HTTP side of the fake messengers: the bot's calls, faults applied, everything logged."""

from __future__ import annotations

import asyncio
import json
import secrets
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sanic import HTTPResponse, Request, Sanic
from sanic.exceptions import SanicException
from sanic.response import file, raw
from sanic.response import json as json_response
from sanic.signals import Event

from demo.emulator.control_routes import add_control_routes
from demo.emulator.faults import Fault
from demo.emulator.options import MAX_PICTURE_BYTES
from demo.emulator.traffic import without_secrets
from demo.emulator.viber_checks import STATUS
from demo.emulator.vk_checks import VkError

if TYPE_CHECKING:
    from demo.emulator.emulator import Emulator

PAGE = Path(__file__).with_name("page")
_POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)


def build_app(emulator: Emulator) -> Sanic:
    """The Sanic application of one emulator."""
    app = Sanic(f"emulator-{secrets.token_hex(6)}", configure_logging=False)
    app.config.REQUEST_MAX_SIZE = MAX_PICTURE_BYTES + 1024 * 1024
    app.config.KEEP_ALIVE_TIMEOUT = 75
    app.config.RESPONSE_TIMEOUT = 120
    app.config.MOTD = False

    async def viber(request: Request, method: str) -> HTTPResponse:
        if method not in emulator.viber_api.methods:
            return json_response({"status": 3, "status_message": "badData: no such method"}, 404)
        body = _json_object(request.body)
        user_id = str(body.get("receiver", ""))
        fault = emulator.faults.for_api("viber", method, user_id)
        started = time.monotonic()
        answer: dict[str, Any] = {}
        if fault is None or fault.accepts:
            answer = await emulator.viber_api.call(method, request.headers, request.body)
        elif fault.mode == "error":
            reason = STATUS.get(fault.code, "generalError")
            answer = {"status": fault.code, "status_message": reason}
        return await _finish(
            emulator, request, "viber", method, user_id, body, answer, fault, started
        )

    async def vk(request: Request, method: str) -> HTTPResponse:
        parameters = _parameters(request)
        user_id = parameters.get("peer_id") or parameters.get("user_id") or ""
        fault = emulator.faults.for_api("vk", method, user_id)
        if fault is None and method == "execute":
            fault = emulator.vk_api.execute.spoiled(parameters)
        started = time.monotonic()
        answer: dict[str, Any] = {}
        if fault is None or fault.accepts:
            answer = await emulator.vk_api.call(
                method, request.headers, parameters, _base_url(request)
            )
        elif fault.mode == "error":
            answer = VkError(fault.code).to_json(method, parameters)
        return await _finish(
            emulator, request, "vk", method, user_id, parameters, answer, fault, started
        )

    async def upload(request: Request) -> HTTPResponse:
        files = request.files.get("photo") if request.files else None
        answer = emulator.vk_api.receive_upload(files.body if files else b"")
        size = len(files.body) if files else 0
        emulator.traffic.log(
            direction="from_bot",
            messenger="vk",
            path=request.path,
            headers=request.headers,
            body=json.dumps({"photo": f"{size} bytes"}),
            status=200,
            answer=json.dumps(answer),
            took=0.0,
            accepted=bool(answer["hash"]),
        )
        return json_response(answer)

    async def picture(request: Request, number: int) -> HTTPResponse:
        kept = emulator.pictures.get(str(number))
        if kept is None:
            return raw(b"", status=404)
        return raw(kept.content, content_type=kept.media_type)

    async def index(request: Request) -> HTTPResponse:
        return await file(PAGE / "index.html", headers={"Cache-Control": "no-cache"})

    async def failed(request: Request, error: Exception) -> HTTPResponse:
        status = error.status_code if isinstance(error, SanicException) else 500
        return json_response({"error": str(error) or type(error).__name__}, status)

    async def protect(request: Request, response: HTTPResponse) -> None:
        response.headers["Content-Security-Policy"] = _POLICY
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "no-referrer"

    app.add_route(viber, "/viber/pa/<method:str>", methods=["POST"])
    app.add_route(vk, "/vk/method/<method:str>", methods=["GET", "POST"])
    app.add_route(upload, "/vk/upload", methods=["POST"])
    app.add_route(picture, "/pictures/<number:int>")
    app.add_route(index, "/")
    app.static("/page", str(PAGE))
    app.error_handler.add(Exception, failed)
    app.register_middleware(protect, "response")
    add_control_routes(app, emulator)
    return app


def begin_without_rewriting(app: Sanic) -> None:
    """Makes an application ready to serve beside others in the same process.

    Sanic's own start rewrites its classes so that signals nobody listens to are not sent. It can
    do so once in a process: a second emulator, or a bot started after one, would fail. Left as
    they are, the classes want a listener for each signal.
    """

    async def ignore(**_: object) -> None:
        return

    for event in Event:
        if event.value.startswith("http."):
            app.add_signal(ignore, event.value)
    app.signalize()
    app.finalize()
    app.state.is_started = True


async def _finish(
    emulator: Emulator,
    request: Request,
    messenger: str,
    method: str,
    user_id: str,
    body: dict[str, Any],
    answer: dict[str, Any],
    fault: Fault | None,
    started: float,
) -> HTTPResponse:
    status: int | None = 200
    problem = None
    if fault is not None:
        problem = f"fault: {fault.mode}"
        if fault.mode in ("http", "accept_then_http"):
            status = fault.status
        elif fault.mode in ("hang", "accept_then_hang"):
            status = None
    resident = emulator.population.by_user(messenger, user_id)
    good = answer.get("status") == 0 if messenger == "viber" else "response" in answer
    emulator.traffic.log(
        direction="from_bot",
        messenger=messenger,
        path=request.path,
        headers=request.headers,
        body=without_secrets(body),
        status=status,
        answer=json.dumps(answer, ensure_ascii=False),
        took=time.monotonic() - started,
        accepted=good and problem is None,
        resident=resident.key if resident else None,
        problem=problem,
    )
    if status is None and fault is not None:
        await asyncio.sleep(fault.seconds)
        request.transport.abort()
        return raw(b"", status=503)
    if status != 200:
        return raw(b"", status=status or 503)
    return json_response(answer, dumps=json.dumps)


def _json_object(content: bytes) -> dict[str, Any]:
    try:
        body = json.loads(content or b"{}")
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _parameters(request: Request) -> dict[str, str]:
    """What VK would read: the query and a form, but never a JSON body."""
    form = request.form if not request.content_type.startswith("application/json") else {}
    return {name: values[0] for source in (request.args, form) for name, values in source.items()}


def _base_url(request: Request) -> str:
    return f"{request.scheme}://{request.host}"
