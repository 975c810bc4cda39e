"""Takes what a designer saves over into the running bot, or says on the page why not."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

import httpx
from watchfiles import awatch

from demo.live.contents import (
    WATCHED,
    Contents,
    Responses,
    contents,
    is_watched,
    watched_files,
)
from demo.live.page import Page
from demo.live.training import Training, TrainingFailed
from demo.live.wording import sentence
from studio.usual import Usual
from tools.check_talk.checks import Findings, check
from tools.check_talk.dialogue.contradictions import contradictions
from tools.check_talk.problems import Problem
from tools.check_talk.project import Project

MOST_TOLD = 3
MOST_NAMES = 3
USUAL_SECONDS = 40.0
LOAD_TIMEOUT = 120.0
LOOK_AGAIN = 1.0
# A training that began so shortly ago is begun anew when a file is saved; an older one goes on.
JUST_BEGUN = 5.0


class RunningBot:
    """The bot's door for new texts and models (demo/live/bot.py)."""

    def __init__(self, url: str, token: str) -> None:
        self._http = httpx.AsyncClient(
            base_url=url,
            headers={"Authorization": f"Bearer {token}"},
            timeout=LOAD_TIMEOUT,
            trust_env=False,
        )

    async def texts(self, responses: Responses) -> None:
        """From now on the bot speaks these texts; raises httpx.HTTPError."""
        answer = await self._http.post("/live/texts", json={"responses": responses})
        answer.raise_for_status()

    async def model(self, model: Path, responses: Responses) -> None:
        """Returns when the bot answers with the model; raises httpx.HTTPError."""
        body = {"model": str(model), "responses": responses}
        (await self._http.post("/live/model", json=body)).raise_for_status()

    async def answering(self) -> str | None:
        """The name of the model that answers: the studio may have given it another one."""
        try:
            answer = await self._http.get("/live/model")
            answer.raise_for_status()
        except httpx.HTTPError:
            return None
        return str(answer.json()["model"])

    async def learning(self, told: dict[str, Any]) -> bool:
        """Tells the studio how the training goes (see TrainingElsewhere); False if it can't be."""
        try:
            (await self._http.post("/live/training", json=told)).raise_for_status()
        except httpx.HTTPError:
            return False
        return True

    async def close(self) -> None:
        """Closes the connection."""
        await self._http.aclose()


class Trains(Protocol):
    """A training that has not begun (see Training)."""

    # The model of the same files is there from before: nothing has to be learnt.
    is_known: bool

    async def run(self) -> Path: ...


class Changes:
    """Follows the files of one project."""

    def __init__(
        self,
        root: Path,
        bot: RunningBot,
        page: Page,
        train: Callable[[Path], Trains] = Training,
        logs: Path = Path("logs"),
    ) -> None:
        self._root, self._bot, self._page, self._train, self._logs = root, bot, page, train, logs
        self._live: Contents | None = None
        # The model that was made of what is live.
        self._model: str | None = None
        self._project: Project | None = None
        self._learning: str | None = None
        self._began = 0.0
        # What the files say by now, to be learnt after the training that is under way.
        self._waiting: Contents | None = None
        # Of the training: what the studio shows, and what it has been told.
        self._state = "idle"
        self._told: dict[str, Any] = {}
        self._errors: Sequence[Problem] = ()
        self._refused: str | None = None
        self._refusal: tuple[Problem, ...] = ()
        self._task: asyncio.Task[None] | None = None
        self._usual = Usual(USUAL_SECONDS)

    def begin(self) -> None:
        """What is in the files now is what the bot is being started with."""
        findings = check(self._root)
        if findings.project is not None and not findings.errors:
            self._live = contents(findings.project)

    async def follow(self) -> None:
        """Takes over what is saved until it is cancelled; what was saved since `begin` first."""
        try:
            async for _ in _saves(self._root):
                await self.take()
        finally:
            await self._stop_learning()
            await self._page.close()
            await self._bot.close()

    async def take(self) -> None:
        """Looks at the files and brings what is new into the bot."""
        findings = await asyncio.to_thread(check, self._root)
        had_errors, now = bool(self._errors), None
        if findings.project is not None and not findings.errors:
            self._project = findings.project
            now = contents(findings.project)
        is_refused = now is not None and now.learnt == self._refused
        await self._tell(findings, self._refusal if is_refused else ())
        # What waited is not what the files say any more.
        self._waiting = None
        if now is not None:
            if had_errors and now == self._live and not self._errors:
                await self._page.show("success", sentence("mended", time=_clock()))
            await self._bring(now, is_refused)
        await self._tell_studio()

    async def _bring(self, now: Contents, is_refused: bool) -> None:
        texts = self._live.differing(now) if self._live else []
        answering = await self._bot.answering()
        self._model = self._model or answering
        is_live = self._live is not None and now.learnt == self._live.learnt
        if is_live and answering in (self._model, None):
            await self._stop_learning()
        elif now.learnt != self._learning and not is_refused:
            await self._learn_next(now)
        if texts:
            await self._say(now, texts)

    async def _learn_next(self, now: Contents) -> None:
        # Begun anew with every save, a training would never end at a busy desk.
        if self._learning is not None and time.monotonic() - self._began >= JUST_BEGUN:
            self._waiting = now
            return
        await self._stop_learning()
        self._learning, self._began = now.learnt, time.monotonic()
        self._task = asyncio.create_task(self._learn(now))

    async def _say(self, now: Contents, names: Sequence[str]) -> None:
        assert self._live is not None
        if not await self._reached(self._bot.texts(now.responses)):
            return
        self._live = Contents(now.responses, self._live.learnt)
        shown = ", ".join(names[:MOST_NAMES])
        if len(names) > MOST_NAMES:
            shown += sentence("more", count=len(names) - MOST_NAMES)
        await self._page.show("success", sentence("texts", time=_clock(), names=shown))

    async def _learn(self, now: Contents) -> None:
        ticking = asyncio.create_task(self._tick())
        try:
            following: Contents | None = now
            while following is not None:
                self._learning, self._began = following.learnt, time.monotonic()
                await self._now("training")
                await self._learn_once(following)
                following, self._waiting = self._waiting, None
        finally:
            # Together with the look at what waits: a save in between must begin a training.
            self._learning = None
            ticking.cancel()
            if self._state in ("training", "loading"):
                self._state = "idle"
            await self._page.show("progress")
            await self._tell_studio()

    async def _learn_once(self, now: Contents) -> None:
        try:
            training = self._train(self._root)
            model = await training.run()
        except TrainingFailed as error:
            assert self._project is not None
            self._refused = now.learnt
            self._refusal = tuple(contradictions(str(error), self._project))
            # Of files that have changed since, the next training tells.
            if self._waiting is None:
                await self._complain(self._refusal)
            await self._now("idle")
            return
        await self._now("loading")
        await self._page.show("progress", sentence("loading"))
        # A text saved meanwhile is newer than the training; one taken away belongs to its model.
        newest = {**now.responses, **(self._live.responses if self._live else {})}
        if not await self._reached(self._bot.model(model, newest)):
            await self._now("idle")
            return
        self._live, self._model = Contents(newest, now.learnt), model.name
        took = time.monotonic() - self._began
        if not training.is_known:
            self._usual.note(took)
        await self._now("done")
        learnt = sentence("learnt", time=_clock(), seconds=f"{took:.0f}")
        await self._page.show("success", learnt)

    async def _tick(self) -> None:
        while True:
            if self._state != "loading":
                seconds, usual = time.monotonic() - self._began, self._usual.seconds
                name = "training" if seconds <= usual else "longer"
                again = sentence("again") if self._waiting else ""
                text = sentence(name, seconds=f"{seconds:.0f}", usual=f"{usual:.0f}", again=again)
                await self._page.show("progress", text)
            await asyncio.sleep(1)

    async def _now(self, state: str) -> None:
        self._state = state
        await self._tell_studio()

    async def _tell_studio(self) -> None:
        told = {
            "state": "failed" if self._errors and self._learning is None else self._state,
            "usual": self._usual.seconds,
            "again": self._waiting is not None,
            "said": [line for each in self._errors for line in each.told().splitlines()],
        }
        if told != self._told and await self._bot.learning(told):
            self._told = told

    async def _stop_learning(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
            self._task = None

    async def _reached(self, request: Awaitable[None]) -> bool:
        try:
            await request
        except httpx.HTTPError as error:
            reason = f"{type(error).__name__} {error}".strip()
            logs = self._logs
            await self._page.show("error", sentence("trouble", reason=reason, logs=logs))
            return False
        return True

    async def _tell(self, findings: Findings, refusal: Sequence[Problem]) -> None:
        errors = [*findings.errors, *refusal]
        remarks = [problem for problem in findings.problems if not problem.is_error]
        await self._complain(errors)
        await self._page.show("warning", sentence("warning", problems=_told(remarks)).strip())

    async def _complain(self, errors: Sequence[Problem]) -> None:
        self._errors = errors
        text = sentence("error", problems=_told(errors)) if errors else ""
        await self._page.show("error", text)
        if errors:
            await self._page.show("success")


def _told(problems: Sequence[Problem]) -> str:
    told = [problem.told() for problem in problems[:MOST_TOLD]]
    if len(problems) > MOST_TOLD:
        told.append(sentence("others", count=len(problems) - MOST_TOLD))
    return "\n".join(told)


def _clock() -> str:
    return datetime.now().strftime("%H:%M:%S")


async def _saves(root: Path) -> AsyncIterator[None]:
    """Yields at once, and when a file was saved."""
    saved = asyncio.Event()
    folders = [root / name for name in WATCHED if (root / name).is_dir()]
    # What a program leaves beside domain.yml is none of ours: the root without its folders.
    watches = [
        asyncio.create_task(_watch(root, folders, saved, recursive=True)),
        asyncio.create_task(_watch(root, [root], saved, recursive=False)),
    ]
    try:
        # They watch before the files are looked at: nothing is saved unseen in between.
        await asyncio.sleep(0)
        seen = watched_files(root)
        yield
        while True:
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(saved.wait(), LOOK_AGAIN)
            # The system may refuse to tell of saves, or never do; and it tells of them in parts.
            now = watched_files(root)
            if saved.is_set() or now != seen:
                saved.clear()
                seen = now
                yield
    finally:
        for each in watches:
            each.cancel()
        await asyncio.gather(*watches, return_exceptions=True)


async def _watch(root: Path, paths: list[Path], saved: asyncio.Event, *, recursive: bool) -> None:
    # Debounced by watchfiles: an editor saves in several steps.
    changes = awatch(
        *paths,
        recursive=recursive,
        step=100,
        debounce=400,
        watch_filter=lambda _, path: is_watched(root, Path(path)),
    )
    # Too many watches, a disk of another machine: the files are looked at all the same.
    with contextlib.suppress(OSError, RuntimeError):
        async for _ in changes:
            saved.set()
