"""The page's addresses: what is open, what needs a session, what another site can't do."""

from __future__ import annotations

import sys
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from sanic import Sanic
from sanic.touchup import TouchUp

from backend.storage.database import Database
from studio.access import FREE_GUESSES, Access
from studio.bot import Mismatch, Reading
from studio.desk import Desk
from studio.routes import MOST_TEXTS, studio
from studio.words import words
from tests.durability_fakes import eventually
from tests.studio.studio_fakes import FILES, FakeBot, Log

PASSWORD = "очень секретно"
DAYS = {"from": "2026-11-10", "to": "2026-11-10"}
GETS = [
    "/api/me", "/api/groups", "/api/training", "/api/conversations", "/api/conversations/1",
    "/api/funnel", "/api/alike",
]  # fmt: skip
POSTS = [
    "/api/phrases", "/api/phrases/back", "/api/training", "/api/rehearsals", "/api/stories",
    "/api/conversations/1/story", "/api/logout",
]  # fmt: skip
TRAINER = [sys.executable, "-c", "open('models/new.tar.gz', 'w').write('good')"]
NO_CHECK = [sys.executable, "-c", "pass"]


@asynccontextmanager
async def browser(
    database: Database, project: Path, bot: FakeBot, patch: pytest.MonkeyPatch
) -> AsyncIterator[httpx.AsyncClient]:
    """A browser in front of the page."""
    # Sanic rewrites its own methods at its start, which works once in a process.
    optimise, touched = TouchUp.run, getattr(Sanic, "__touched__", False)
    patch.setattr(Sanic, "test_mode", True)
    patch.setattr(TouchUp, "run", lambda app: None if touched else optimise(app))
    (project / "models").mkdir()
    app = Sanic(f"studio_{uuid.uuid4().hex}")
    zone = "Europe/Moscow"
    desk = Desk(database, bot, project, zone, words(), TRAINER, NO_CHECK)
    app.blueprint(studio(desk, Access(PASSWORD), zone))
    await app._startup()
    transport = httpx.ASGITransport(app=app)
    base = "http://bot/studio"
    async with httpx.AsyncClient(transport=transport, base_url=base) as found:
        yield found


async def entered(client: httpx.AsyncClient) -> httpx.AsyncClient:
    """The browser after the login, with the page's token."""
    answer = await client.post("/api/login", json={"password": PASSWORD})
    assert answer.status_code == 204
    client.headers["X-Studio-Token"] = (await client.get("/api/me")).json()["token"]
    return client


@pytest.fixture
async def client(
    project: Path, bot: FakeBot, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[httpx.AsyncClient]:
    """A browser that has not entered yet; the database is away."""
    away = Database("postgresql://nobody@127.0.0.1:1/nothing")
    async with browser(away, project, bot, monkeypatch) as found:
        yield found


@pytest.fixture
async def inside(client: httpx.AsyncClient) -> httpx.AsyncClient:
    """The same after the login."""
    return await entered(client)


@pytest.fixture
async def reading(
    database: Database, project: Path, bot: FakeBot, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[httpx.AsyncClient]:
    """After the login, with a database."""
    async with browser(database, project, bot, monkeypatch) as found:
        yield await entered(found)


async def problem(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["problem"]


async def test_the_page_itself_is_open_and_may_not_be_framed(client: httpx.AsyncClient) -> None:
    for address in ("/", "/page/main.js", "/page/style.css"):
        answer = await client.get(address)
        assert answer.status_code == 200
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
        assert "unsafe" not in answer.headers["content-security-policy"]
    assert (await client.get("http://bot/studio")).headers["location"] == "/studio/"


@pytest.mark.parametrize(
    "path", ["/page/../routes.py", "/page/%2e%2e/routes.py", "/page/..%2Froutes.py"]
)
async def test_no_other_file_is_served(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(path)
    assert answer.status_code in (400, 403, 404)
    assert "blueprint" not in answer.text


@pytest.mark.parametrize("path", GETS)
async def test_without_a_session_nothing_is_shown(client: httpx.AsyncClient, path: str) -> None:
    assert await problem(await client.get(path)) == (401, "session")
    client.cookies.set("studio", "made.up.cookie")
    assert await problem(await client.get(path)) == (401, "session")


@pytest.mark.parametrize("path", POSTS)
async def test_without_a_session_nothing_is_changed(client: httpx.AsyncClient, path: str) -> None:
    assert await problem(await client.post(path, json={})) == (401, "session")


async def test_the_sessions_cookie_is_for_this_page_only(client: httpx.AsyncClient) -> None:
    assert (await client.get("/api/session")).json() == {"open": False}
    answer = await client.post("/api/login", json={"password": PASSWORD})
    cookie = answer.headers["set-cookie"]
    assert {"HttpOnly", "SameSite=Strict", "Path=/studio"} <= set(cookie.split("; "))
    assert "Secure" not in cookie
    assert (await client.get("/api/session")).json() == {"open": True}
    token = (await client.get("/api/me")).json()["token"]
    await client.post("/api/logout", json={}, headers={"X-Studio-Token": token})
    assert (await client.get("/api/session")).json() == {"open": False}
    secure = await client.post(
        "/api/login", json={"password": PASSWORD}, headers={"X-Forwarded-Proto": "https"}
    )
    assert "Secure" in secure.headers["set-cookie"].split("; ")


async def test_wrong_passwords_are_slowed_down(client: httpx.AsyncClient) -> None:
    for _ in range(FREE_GUESSES):
        answer = await client.post("/api/login", json={"password": "нет"})
        assert await problem(answer) == (401, "password")
    answer = await client.post("/api/login", json={"password": PASSWORD})
    assert await problem(answer) == (429, "guesses")
    assert answer.json()["seconds"] >= 1


@pytest.mark.parametrize("path", POSTS)
async def test_another_site_can_change_nothing(inside: httpx.AsyncClient, path: str) -> None:
    form = await inside.post(path, data={"a": "b"})
    assert await problem(form) == (403, "foreign")
    foreign = await inside.post(path, json={}, headers={"Sec-Fetch-Site": "cross-site"})
    assert await problem(foreign) == (403, "foreign")
    tokenless = await inside.post(path, json={}, headers={"X-Studio-Token": "0" * 64})
    assert await problem(tokenless) == (403, "foreign")


async def test_another_site_cant_log_anybody_in(client: httpx.AsyncClient) -> None:
    answer = await client.post("/api/login", data={"password": PASSWORD})
    assert await problem(answer) == (403, "foreign")


BODIES = {
    "nothing": b"", "a list": b"[]", "half": b"{", "null": b"null", "no list": b'{"phrases": "a"}',
    "no texts": b'{"phrases": [1]}', "bytes": b"\xff" * 9, "much": b'"' + b"x" * 300_000,
}  # fmt: skip


@pytest.mark.parametrize("body", list(BODIES.values()), ids=list(BODIES))
async def test_bodies_that_are_none_are_refused(inside: httpx.AsyncClient, body: bytes) -> None:
    headers = {"Content-Type": "application/json"}
    answer = await inside.post("/api/phrases", content=body, headers=headers)
    assert await problem(answer) in {(400, "request"), (413, "too_large")}


async def test_unclear_messages_come_in_groups_with_what_was_thought(
    reading: httpx.AsyncClient, bot: FakeBot, log: Log
) -> None:
    ranking = [["complaint", 0.4], ["thank", 0.1]]
    for words_ in ("холодно дома", "дома холодно", "холодно дома"):
        await log.turn(words_, "nlu_fallback", 0.4, ranking=ranking, answers=["Не понял"])
    bot.known["холодно дома"] = Reading("complaint", 0.9, [("complaint", 0.9)])
    found = (await reading.get("/api/groups", params=DAYS)).json()
    assert (found["total"], found["messages"], found["unread"]) == (1, 3, 0)
    (group,) = found["groups"]
    assert (group["times"], group["texts"], group["state"]) == (3, 2, "waiting")
    assert group["likely"] == [["complaint", 0.4], ["thank", 0.1]]
    assert [one["text"] for one in group["phrases"]] == ["холодно дома", "дома холодно"]
    assert group["phrases"][0]["then"]["answers"] == ["Не понял"]
    assert [one["now"]["understood"] for one in group["phrases"]] == [True, False]
    bot.known["дома холодно"] = bot.known["холодно дома"]
    bot.model = "new.tar.gz"
    found = (await reading.get("/api/groups", params={**DAYS, "show": "clear"})).json()
    assert [one["state"] for one in found["groups"]] == ["clear"]
    assert (await reading.get("/api/groups", params={**DAYS, "show": "waiting"})).json()[
        "total"
    ] == 0


async def states(reading: httpx.AsyncClient, show: str) -> list[str]:
    found = (await reading.get("/api/groups", params={**DAYS, "show": show})).json()
    return [one["state"] for one in found["groups"]]


async def test_a_group_waits_is_written_and_is_clear_at_last(
    reading: httpx.AsyncClient, bot: FakeBot, log: Log
) -> None:
    for words_ in ("холодно у 7060098745", "у 7060098745 холодно"):
        await log.turn(words_, "nlu_fallback", 0.4, hidden=["0000000000"])
    found = (await reading.get("/api/groups", params=DAYS)).json()
    (group,) = found["groups"]
    phrases = [one["text"] for one in group["phrases"]]
    assert group["state"] == "waiting"

    hidden = {one["text"]: one["hidden"] for one in group["phrases"]}
    body = {"intent": "complaint", "phrases": phrases[:1], "hidden": hidden}
    assert (await reading.post("/api/phrases", json=body)).status_code == 200
    (group,) = (await reading.get("/api/groups", params=DAYS)).json()["groups"]
    assert group["state"] == "waiting"
    assert [one["learnt"] for one in group["phrases"]] == ["complaint", None]
    body["phrases"] = phrases[1:]
    assert (await reading.post("/api/phrases", json=body)).status_code == 200
    assert await states(reading, "all") == ["written"]
    assert await states(reading, "written") == ["written"]
    assert await states(reading, "waiting") == await states(reading, "clear") == []

    bot.known = {one: Reading("complaint", 1.0, []) for one in bot.asked}
    bot.model = "new.tar.gz"
    assert await states(reading, "all") == await states(reading, "clear") == ["clear"]
    assert await states(reading, "written") == []


async def test_a_hidden_number_is_written_as_a_made_up_one_and_judged_as_another(
    reading: httpx.AsyncClient, bot: FakeBot, log: Log, project: Path
) -> None:
    await log.turn("привяжите 7060098717", "nlu_fallback", 0.4, hidden=["0000000000"])
    (phrase,) = (await reading.get("/api/groups", params=DAYS)).json()["groups"][0]["phrases"]
    assert (phrase["text"], phrase["hidden"]) == ("привяжите •••17", ["0000000000"])
    body = {
        "intent": "list_accounts",
        "phrases": [phrase["text"]],
        "hidden": {phrase["text"]: phrase["hidden"]},
    }
    await reading.post("/api/phrases", json=body)
    assert "- привяжите 7060012345\n" in (project / "data/accounts/nlu.yml").read_text()
    # The model knows the very phrase that it was taught; the resident's number was another.
    bot.model = "new.tar.gz"
    bot.known["привяжите 7060012345"] = Reading("list_accounts", 1.0, [])
    assert await states(reading, "all") == ["waiting"]
    bot.model = "newer.tar.gz"
    bot.known["привяжите 7060054321"] = Reading("list_accounts", 0.8, [])
    assert await states(reading, "all") == ["clear"]


@pytest.mark.parametrize(
    ("fields", "state"),
    [
        ({"hidden": ["0(000)0000000"]}, "clear"),
        ({}, "unsure"),
        ({"hidden": ["0(000)0000000"], "asked": "account_number"}, "unsure"),
    ],
    ids=["the shape is known", "it is not", "a form looks at the number"],
)
async def test_what_depends_on_hidden_digits_is_never_called_understood(
    reading: httpx.AsyncClient,
    bot: FakeBot,
    log: Log,
    monkeypatch: pytest.MonkeyPatch,
    fields: dict[str, Any],
    state: str,
) -> None:
    await log.turn("перезвоните 3(921)5551234 мне", "nlu_fallback", 0.4, **fields)

    async def understands(self: FakeBot, words_: str) -> Reading:
        return Reading("complaint", 0.9, [])

    monkeypatch.setattr(FakeBot, "read", understands)
    assert await states(reading, "all") == [state]
    assert await states(reading, "clear") == (["clear"] if state == "clear" else [])


async def test_like_phrases_of_the_same_mistake_are_found(
    reading: httpx.AsyncClient, log: Log
) -> None:
    for said in ("горячая еле тёплая", "еле тёплая горячая вода", "где мой счёт", "мои счета"):
        await log.turn(said, "list_accounts", 0.9)
    await log.turn("совсем еле тёплая горячая", "thank", 0.9)
    query = {**DAYS, "phrase": "горячая еле тёплая", "intent": "list_accounts"}
    found = (await reading.get("/api/alike", params=query)).json()["alike"]
    assert [one["text"] for one in found] == ["еле тёплая горячая вода"]


async def test_an_assignment_is_taken_back(inside: httpx.AsyncClient, project: Path) -> None:
    body = {"intent": "complaint", "phrases": ["холодно", "Холодно!", "нет воды"]}
    done = (await inside.post("/api/phrases", json=body)).json()
    assert (done["added"], done["repeated"], done["known"]) == (
        ["холодно"], ["Холодно!"], ["нет воды"],
    )  # fmt: skip
    moved = await inside.post("/api/phrases", json={"intent": "thank", "phrases": ["холодно"]})
    assert moved.json()["moved"] == [{"phrase": "холодно", "intent": "complaint"}]
    back = {"intent": "thank", "phrases": [], "moved": moved.json()["moved"]}
    assert (await inside.post("/api/phrases/back", json=back)).json() == {
        "changed": ["data/help/nlu.yml"]
    }
    back = {"intent": "complaint", "phrases": done["added"]}
    assert (await inside.post("/api/phrases/back", json=back)).json() == {"changed": []}
    assert (project / "data/help/nlu.yml").read_text() == FILES["data/help/nlu.yml"]
    assert await problem(await inside.post("/api/phrases/back", json=back)) == (409, "edited")


async def test_the_words_of_another_intent_are_written_only_by_whoever_is_sure(
    inside: httpx.AsyncClient, project: Path
) -> None:
    body = {"intent": "thank", "phrases": ["а воды у нас нет", "воду нету", "нету вод", "мерси"]}
    answer = await inside.post("/api/phrases", json=body)
    assert await problem(answer) == (409, "near")
    (near,) = [one for one in answer.json()["near"] if one["phrase"] == "нету вод"]
    assert (near["other"], near["intent"]) == ("нет воды", "complaint")
    assert near["place"] == "data/help/nlu.yml:13"
    assert (project / "data/help/nlu.yml").read_text() == FILES["data/help/nlu.yml"]
    sure = (await inside.post("/api/phrases", json={**body, "sure": True})).json()
    assert sure["added"] == body["phrases"]


async def test_an_assignment_names_the_file_and_a_refusal_the_reason(
    inside: httpx.AsyncClient, project: Path
) -> None:
    body = {"intent": "complaint", "phrases": ["холодно"]}
    answer = await inside.post("/api/phrases", json=body)
    assert answer.json()["changed"] == ["data/help/nlu.yml"]
    answer = await inside.post("/api/phrases", json={"intent": "thank", "phrases": ["нет воды"]})
    assert await problem(answer) == (409, "refused")
    assert answer.json()["refusals"][0]["intent"] == "complaint"
    answer = await inside.post("/api/phrases", json={**body, "intent": "../thank"})
    assert await problem(answer) == (404, "intent")


async def test_what_is_left_to_be_saved_follows_the_files(
    inside: httpx.AsyncClient, project: Path
) -> None:
    await inside.post("/api/phrases", json={"intent": "thank", "phrases": ["мерси"]})
    for path in ("/api/me", "/api/training"):
        assert (await inside.get(path)).json()["changed"] == ["data/help/nlu.yml"]
    (project / "data/help/nlu.yml").write_text(FILES["data/help/nlu.yml"], encoding="utf-8")
    for path in ("/api/me", "/api/training"):
        assert (await inside.get(path)).json()["changed"] == []


async def test_more_texts_than_a_page_has_are_refused_and_not_cut_off(
    inside: httpx.AsyncClient,
) -> None:
    answer = await inside.post(
        "/api/phrases", json={"intent": "thank", "phrases": ["а"] * (MOST_TEXTS + 1)}
    )
    assert await problem(answer) == (413, "too_large")


async def test_in_a_tree_that_cant_be_written_one_can_only_look(
    inside: httpx.AsyncClient, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("studio.files.os.access", lambda path, mode: False)
    assert (await inside.get("/api/me")).json()["writable"] is False
    body = {"intent": "thank", "phrases": ["мерси"], "feature": "help", "text": "x"}
    for path in ("/api/phrases", "/api/training", "/api/stories"):
        assert await problem(await inside.post(path, json=body)) == (403, "read_only")
    assert (project / "data/help/nlu.yml").read_text() == FILES["data/help/nlu.yml"]


async def test_a_training_is_started_and_watched(inside: httpx.AsyncClient, bot: FakeBot) -> None:
    assert (await inside.post("/api/training", json={})).status_code == 202
    assert await problem(await inside.post("/api/training", json={})) == (409, "training")

    async def ended() -> dict[str, Any] | None:
        state: dict[str, Any] = (await inside.get("/api/training")).json()
        return None if state["state"] in ("training", "loading") else state

    state = await eventually(ended)
    assert (state["state"], state["model"]) == ("done", "new.tar.gz")


async def test_conversations_never_show_whose_they_are(
    reading: httpx.AsyncClient, log: Log
) -> None:
    said = ["Да", "Вы 01234567890A="]
    row = await log.turn("привет", "greet", 1.0, resident="viber:01234567890A=", answers=said)
    listed = await reading.get("/api/conversations", params=DAYS)
    one = await reading.get(f"/api/conversations/{row}")
    assert "01234567890A" not in listed.text + one.text
    assert "90A" not in listed.text + one.text
    (visit,) = listed.json()["visits"]
    assert visit["resident"] == one.json()["resident"]
    assert one.json()["turns"][0]["user"]["text"] == "привет"
    assert await problem(await reading.get("/api/conversations/999999")) == (404, "gone")


async def test_a_resident_is_found_by_what_stands_for_them(
    reading: httpx.AsyncClient, log: Log
) -> None:
    for number in range(3):
        await log.turn(f"вопрос {number}", "greet", 1.0, resident=f"vk:{number}")
    listed = (await reading.get("/api/conversations", params=DAYS)).json()["visits"]
    for visit in listed:
        search = {**DAYS, "search": f" {visit['resident'].upper()} "}
        assert (await reading.get("/api/conversations", params=search)).json()["visits"] == [visit]


async def test_groups_of_a_state_are_counted_with_their_own_messages(
    reading: httpx.AsyncClient, log: Log
) -> None:
    for _ in range(3):
        await log.turn("где скачать", "nlu_fallback", 0.3)
    counts = {}
    for show in ("all", "written"):
        found = (await reading.get("/api/groups", params={**DAYS, "show": show})).json()
        counts[show] = (found["total"], found["messages"])
    assert counts == {"all": (1, 3), "written": (0, 0)}


async def test_a_conversation_comes_as_both_phones_show_it(
    reading: httpx.AsyncClient, log: Log
) -> None:
    first = await log.turn("привет", "greet", 1.0, answers=["Здравствуйте, 7060012345"])
    second = await log.turn("да", "affirm", 1.0)
    turns = (await reading.get(f"/api/conversations/{second}")).json()["turns"]
    assert [turn["row"] for turn in turns] == [first, second]
    for phone in ("vk", "viber"):
        (bubble,) = turns[0]["phones"][phone]["bubbles"]
        assert bubble["text"] == "Здравствуйте, •••45"


async def test_a_made_up_number_means_what_the_hidden_one_meant(
    reading: httpx.AsyncClient, bot: FakeBot, log: Log
) -> None:
    row = await log.turn("мой 7060098717", "link_account", 1.0)
    bot.known["мой 7060012345"] = Reading("link_account", 1.0, [])
    made = (await reading.post(f"/api/conversations/{row}/story", json={"name": "Мой"})).json()
    assert "          мой 7060012345\n" in made["text"]


@pytest.mark.parametrize(
    ("understood", "written"), [("affirm", "подтверждаю"), ("thank", "/affirm")]
)
async def test_a_typed_caption_is_written_as_typed_if_its_words_mean_the_same(
    reading: httpx.AsyncClient, bot: FakeBot, log: Log, understood: str, written: str
) -> None:
    row = await log.turn("/affirm", "affirm", 1.0, typed="подтверждаю")
    bot.known["подтверждаю"] = Reading(understood, 1.0, [])
    made = (await reading.post(f"/api/conversations/{row}/story", json={"name": "Да"})).json()
    assert f"          {written}\n        intent: affirm\n" in made["text"]


async def test_steps_that_were_not_understood_are_counted(
    reading: httpx.AsyncClient, log: Log
) -> None:
    row = await log.turn("скачать приложение", "nlu_fallback", 0.3)
    made = (await reading.post(f"/api/conversations/{row}/story", json={"name": "Ой"})).json()
    assert "intent: nlu_fallback" in made["text"]
    assert made["unclear"] == 1
    understood = made["text"].replace("nlu_fallback", "thank")
    again = (await reading.post("/api/rehearsals", json={"text": understood})).json()
    assert again["unclear"] == 0


async def test_a_conversation_is_saved_as_a_test_if_the_bot_repeats_it(
    reading: httpx.AsyncClient, bot: FakeBot, log: Log, project: Path
) -> None:
    thanks = {"name": "utter_thank", "policy": "RulePolicy"}
    row = await log.turn("мерси", "thank", 1.0, actions=[thanks])
    made = (await reading.post(f"/api/conversations/{row}/story", json={"name": "Мерси"})).json()
    assert (made["feature"], made["mismatches"]) == ("help", [])
    body = {"feature": "help", "text": made["text"]}
    bot.mismatches = [Mismatch("action", "utter_thank", "utter_greet")]
    assert await problem(await reading.post("/api/stories", json=body)) == (409, "not_repeated")
    bot.mismatches = []
    assert (await reading.post("/api/stories", json=body)).status_code == 201
    assert "  - story: Мерси\n" in (project / "tests/stories/test_help.yml").read_text()
    answer = await reading.post("/api/stories", json=body)
    assert await problem(answer) == (409, "story_same_name")


@pytest.mark.parametrize("path", ["/api/groups", "/api/conversations", "/api/funnel"])
async def test_wrong_days_are_told(inside: httpx.AsyncClient, path: str) -> None:
    answer = await inside.get(path, params={"from": "2026-11-11", "to": "2026-11-10"})
    assert await problem(answer) == (400, "period")


@pytest.mark.parametrize("page", ["-1", "x", "999999999", "1e3", "²"])
async def test_pages_that_are_none_are_harmless(reading: httpx.AsyncClient, page: str) -> None:
    for path in ("/api/groups", "/api/conversations"):
        assert (await reading.get(path, params={**DAYS, "page": page})).status_code == 200


async def test_without_the_database_the_page_says_so(inside: httpx.AsyncClient) -> None:
    for path in ("/api/funnel", "/api/groups", "/api/conversations"):
        assert await problem(await inside.get(path, params=DAYS)) == (503, "database")
