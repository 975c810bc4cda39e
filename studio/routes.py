"""The page's addresses: files for everybody, data for those who know the password."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import orjson
from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse

from backend.storage.database import DATABASE_ERRORS
from studio.access import COOKIE, SESSION_SECONDS, TOKEN_HEADER, Access, TooManyGuesses
from studio.bot import NotReady
from studio.desk import Desk
from studio.period import Period
from studio.phrases import Move
from studio.problem import Problem
from studio.teaching import Said

logger = logging.getLogger(__name__)

PAGE = Path(__file__).with_name("page")
PREFIX = "/studio"
MOST_BYTES = 256 * 1024
MOST_TEXTS = 2000
_POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
_CHANGING = {"POST", "PUT", "PATCH", "DELETE"}


@dataclass(frozen=True)
class Answer:
    """JSON with a status."""

    body: Any
    status: int = 200


def studio(desk: Desk, access: Access, zone: str) -> Blueprint:
    """The blueprint of /studio."""
    blueprint = Blueprint("studio", url_prefix=PREFIX)

    def period(request: Request) -> Period:
        query = {name: request.args.get(name, "") for name in ("from", "to", "channel")}
        try:
            return Period.read(query, zone, datetime.now(ZoneInfo(zone)).date())
        except ValueError:
            raise Problem("period") from None

    @blueprint.middleware("request")
    async def check(request: Request) -> HTTPResponse | None:
        """Data is for sessions only, and changes only for the page's own requests."""
        path = request.path.removeprefix(PREFIX)
        if not path.startswith("/api/"):
            return None
        if request.method in _CHANGING and not _is_own(request):
            return _json({"problem": "foreign"}, 403)
        if path in ("/api/login", "/api/session"):
            return None
        session = access.session_of(request.cookies.get(COOKIE))
        if session is None:
            return _json({"problem": "session"}, 401)
        token = request.headers.get(TOKEN_HEADER, "")
        if request.method in _CHANGING and not access.is_token(session, token):
            return _json({"problem": "foreign"}, 403)
        request.ctx.session = session
        return None

    @blueprint.middleware("response")
    async def protect(request: Request, answer: HTTPResponse) -> None:
        answer.headers["Content-Security-Policy"] = _POLICY
        answer.headers["X-Content-Type-Options"] = "nosniff"
        answer.headers["Referrer-Policy"] = "no-referrer"
        answer.headers["Cache-Control"] = "no-store"

    @blueprint.exception(Problem)
    async def problem(_request: Request, error: Problem) -> HTTPResponse:
        return _json({"problem": error.code, **error.details}, error.status)

    @blueprint.exception(NotReady)
    async def not_ready(_request: Request, _error: NotReady) -> HTTPResponse:
        return _json({"problem": "model"}, 503)

    @blueprint.exception(*DATABASE_ERRORS)
    async def database_away(_request: Request, error: Exception) -> HTTPResponse:
        logger.warning("studio: the database: %s", type(error).__name__)
        return _json({"problem": "database"}, 503)

    @blueprint.get("/", strict_slashes=True)
    async def page(_request: Request) -> HTTPResponse:
        return await response.file(PAGE / "index.html")

    @blueprint.get("", strict_slashes=True, name="start")
    async def start(_request: Request) -> HTTPResponse:
        return response.redirect(f"{PREFIX}/")

    @blueprint.get("/api/session")
    async def session(request: Request) -> HTTPResponse:
        return _json({"open": access.session_of(request.cookies.get(COOKIE)) is not None})

    @blueprint.post("/api/login")
    async def login(request: Request) -> HTTPResponse:
        try:
            cookie = access.enter(str(_body(request).get("password", "")))
        except TooManyGuesses as error:
            seconds = int(error.seconds) + 1
            return _json({"problem": "guesses", "seconds": seconds}, 429)
        if cookie is None:
            logger.warning("studio: a wrong password")
            return _json({"problem": "password"}, 401)
        answer = response.empty()
        _set_cookie(answer, cookie, SESSION_SECONDS, _is_secure(request))
        return answer

    @blueprint.post("/api/logout")
    async def logout(request: Request) -> HTTPResponse:
        answer = response.empty()
        _set_cookie(answer, "", 0, _is_secure(request))
        return answer

    @blueprint.get("/api/me")
    async def me(request: Request) -> HTTPResponse:
        usual = period(request)
        return _json(
            {
                "token": access.token_of(request.ctx.session),
                "zone": zone,
                "from": usual.first.isoformat(),
                "to": usual.last.isoformat(),
                **await desk.about(),
            }
        )

    @blueprint.get("/api/groups")
    async def groups(request: Request) -> HTTPResponse:
        shown = request.args.get("show", "all")
        return _json(
            await desk.grouping.page(
                period(request), search=request.args.get("search"), show=shown, page=_page(request)
            )
        )

    @blueprint.get("/api/alike")
    async def alike(request: Request) -> HTTPResponse:
        phrase, intent = (request.args.get(name, "") for name in ("phrase", "intent"))
        return _json(await desk.alike(period(request), phrase, intent))

    @blueprint.post("/api/phrases")
    async def phrases(request: Request) -> HTTPResponse:
        body = _body(request)
        sure = body.get("sure") is True
        return _json(await desk.teach(str(body.get("intent")), _said(body), sure=sure))

    @blueprint.post("/api/phrases/back")
    async def back(request: Request) -> HTTPResponse:
        body = _body(request)
        moved = [Move(*_pair(one)) for one in _list(body.get("moved", []))]
        added = _texts(body.get("phrases"))
        return _json(await desk.take_back(str(body.get("intent")), added, moved))

    @blueprint.get("/api/training")
    async def training(_request: Request) -> HTTPResponse:
        return _json({**desk.training_state(), "changed": await desk.changed()})

    @blueprint.post("/api/training", name="train")
    async def train(_request: Request) -> HTTPResponse:
        return _json(desk.train(), 202)

    @blueprint.get("/api/conversations")
    async def conversations(request: Request) -> HTTPResponse:
        found = await desk.visits(
            period(request),
            search=request.args.get("search"),
            code_of=access.pseudonym,
            only_unclear=request.args.get("unclear") == "1",
            stage=request.args.get("stage"),
            page=_page(request),
        )
        for visit in found["visits"]:
            visit["resident"] = access.pseudonym(visit["resident"])
        return _json(found)

    @blueprint.get("/api/conversations/<row:int>")
    async def conversation(_request: Request, row: int) -> HTTPResponse:
        found = await desk.conversation(row)
        found["resident"] = access.pseudonym(found["resident"])
        return _json(found)

    @blueprint.post("/api/conversations/<row:int>/story")
    async def story(request: Request, row: int) -> HTTPResponse:
        return _json(await desk.story_of(row, str(_body(request).get("name", ""))))

    @blueprint.post("/api/rehearsals")
    async def rehearse(request: Request) -> HTTPResponse:
        return _json(await desk.rehearse(str(_body(request).get("text", ""))))

    @blueprint.post("/api/stories")
    async def stories(request: Request) -> HTTPResponse:
        body = _body(request)
        feature, text = str(body.get("feature", "")), str(body.get("text", ""))
        return _json(await desk.save_story(feature, text), 201)

    @blueprint.get("/api/funnel")
    async def funnel(request: Request) -> HTTPResponse:
        return _json(await desk.funnel(period(request)))

    @blueprint.listener("before_server_stop")
    async def stop(_app: Any, _loop: asyncio.AbstractEventLoop) -> None:
        await desk.stop()

    blueprint.static("/page", str(PAGE))
    return blueprint


def _json(body: Any, status: int = 200) -> HTTPResponse:
    dumps: Callable[[Any], str] = lambda value: orjson.dumps(value).decode()  # noqa: E731
    return response.json(body, status=status, dumps=dumps)


def _body(request: Request) -> dict[str, Any]:
    if len(request.body) > MOST_BYTES:
        raise Problem("too_large", 413)
    try:
        body = orjson.loads(request.body or b"{}")
    except ValueError:
        raise Problem("request") from None
    if not isinstance(body, dict):
        raise Problem("request")
    return body


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise Problem("request")
    if len(value) > MOST_TEXTS:
        raise Problem("too_large", 413)
    return value


def _texts(value: Any) -> list[str]:
    found = _list(value)
    if not all(isinstance(one, str) for one in found):
        raise Problem("request")
    return found


def _pair(value: Any) -> tuple[str, str]:
    if not isinstance(value, dict):
        raise Problem("request")
    return str(value.get("phrase")), str(value.get("intent"))


def _said(body: dict[str, Any]) -> list[Said]:
    """The phrases, and of those that have hidden numbers how they looked: {text: [shapes]}."""
    hidden = body.get("hidden", {})
    if not isinstance(hidden, dict):
        raise Problem("request")
    return [Said(text, tuple(_texts(hidden.get(text, [])))) for text in _texts(body.get("phrases"))]


def _page(request: Request) -> int:
    page = request.args.get("page", "0")
    return min(int(page), 100_000) if page.isascii() and page.isdigit() and len(page) < 7 else 0


def _is_own(request: Request) -> bool:
    """True for JSON from this page: a form or another site can send neither of the headers."""
    if not request.content_type.startswith("application/json"):
        return False
    return request.headers.get("sec-fetch-site", "same-origin") in ("same-origin", "none")


def _is_secure(request: Request) -> bool:
    return "https" in (request.scheme, request.headers.get("x-forwarded-proto", ""))


def _set_cookie(answer: HTTPResponse, value: str, seconds: int, secure: bool) -> None:
    answer.cookies[COOKIE] = value
    cookie = answer.cookies[COOKIE]
    cookie["path"] = PREFIX
    cookie["max-age"] = seconds
    cookie["httponly"] = True
    cookie["samesite"] = "Strict"
    if secure:
        cookie["secure"] = True
