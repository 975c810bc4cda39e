"""Sends messages within VK's limit of calls: those that would wait for it go several in one call.

A message that finds a free place goes as `messages.send` at once, and without a rush there is
nothing else. Those that find none wait together, and one `execute` takes up to 25 of them:
https://dev.vk.com/ru/method/execute
"""

from __future__ import annotations

import asyncio
import json
import re
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import structlog

from backend.delivery.messenger import DeliveryError, RetryLater
from channels.fields import items, mapping, number
from channels.vk.errors import read_error
from channels.vk.rate import RateLimiter

# Calls of the API within one `execute`.
MOST = 25

# What VK says of a whole `execute` and would say to each message in it as well: nothing certain
# (None), its own troubles, the token, too many calls. Any other refusal may be the fault of one
# message or of `execute` itself, which each message sent by itself then shows.
_OF_ALL = (None, 1, 5, 6, 9, 10, 14, 27, 28, 29)

# What JSON does not write as it is, apart from the four that VK's own library escapes in the same
# way (ExecuteBatchQuery of https://github.com/VKCOM/vk-java-sdk: quote, backslash, LF, CR), and
# the separators that end a line of JavaScript: how VK would read them in a script is not known.
_UNSURE_IN_SCRIPT = re.compile("[\x00-\x09\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029]")

log = structlog.get_logger(__name__)

Parameters = Mapping[str, str | int]
Ask = Callable[[str, Parameters], Awaitable[dict[str, Any]]]


@dataclass(eq=False)
class _Waiting:
    """A message without a place; `alone`: it must not share a call."""

    parameters: dict[str, str]
    answer: asyncio.Future[str]
    alone: bool


class Batches:
    """Sends messages of one token; `close` gives up those that wait."""

    def __init__(self, ask: Ask, limiter: RateLimiter) -> None:
        """`ask` makes one call without looking at `limiter`; it raises DeliveryError."""
        self._ask = ask
        self._limiter = limiter
        self._waiting: deque[_Waiting] = deque()
        self._unanswered: set[asyncio.Future[str]] = set()
        self._emptying: asyncio.Task[None] | None = None
        self._calls: set[asyncio.Task[None]] = set()

    async def send(self, parameters: Parameters) -> str:
        """Sends one message with these parameters of messages.send; returns VK's id of it.

        Cancelled while it waits, the message is not sent; cancelled later, it may be, and the
        call goes on for the others. Raises DeliveryError.
        """
        if not self._limiter.is_full and not self._is_emptying:
            async with self._limiter.call():
                return await self._send_one(parameters)
        values = {name: str(value) for name, value in parameters.items()}
        answer: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._unanswered.add(answer)
        answer.add_done_callback(self._unanswered.discard)
        alone = any(_UNSURE_IN_SCRIPT.search(value) for value in values.values())
        self._waiting.append(_Waiting(values, answer, alone))
        self._empty()
        return await answer

    async def close(self) -> None:
        """Ends the calls under way; RetryLater for whoever still waits."""
        tasks = [*self._calls, *([self._emptying] if self._emptying is not None else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for answer in list(self._unanswered):
            _settle(answer, RetryLater("the client was closed"))

    @property
    def _is_emptying(self) -> bool:
        return self._emptying is not None and not self._emptying.done()

    def _empty(self) -> None:
        if not self._is_emptying:
            self._emptying = asyncio.create_task(self._empty_all())

    async def _empty_all(self) -> None:
        """Sends what waits, as many as go together with each place, until nothing waits."""
        while self._waiting:
            await self._limiter.take()
            call = asyncio.create_task(self._call(self._next()))
            self._calls.add(call)
            call.add_done_callback(self._calls.discard)
            if len(self._waiting) < MOST:
                # Meanwhile others come and go together. Else they would take the places that are
                # free now one by one, and all would wait again for most of a second.
                await asyncio.sleep(self._limiter.pace)

    def _next(self) -> list[_Waiting]:
        """Takes what the next call is about; nothing if all were cancelled."""
        batch: list[_Waiting] = []
        while self._waiting and len(batch) < MOST and not (batch and self._waiting[0].alone):
            message = self._waiting.popleft()
            if message.answer.done():
                continue
            batch.append(message)
            if message.alone:
                break
        return batch

    async def _call(self, batch: list[_Waiting]) -> None:
        outcomes: list[str | Exception]
        try:
            outcomes = await self._outcomes(batch)
        except Exception as error:
            if len(batch) > 1 and isinstance(error, DeliveryError) and error.code not in _OF_ALL:
                log.warning("vk.execute_refused", messages=len(batch), reason=error.reason)
                for message in batch:
                    message.alone = True
                self._waiting.extendleft(reversed(batch))
                self._empty()
                return
            outcomes = [error] * len(batch)
        finally:
            self._limiter.give_back()
        for message, outcome in zip(batch, outcomes, strict=True):
            _settle(message.answer, outcome)

    async def _outcomes(self, batch: list[_Waiting]) -> list[str | Exception]:
        if len(batch) <= 1:
            return [await self._send_one(message.parameters) for message in batch]
        script = _script(message.parameters for message in batch)
        return _read(await self._ask("execute", {"code": script}), len(batch))

    async def _send_one(self, parameters: Parameters) -> str:
        return str((await self._ask("messages.send", parameters))["response"])


def _settle(answer: asyncio.Future[str], outcome: str | Exception) -> None:
    if answer.done():
        return
    if isinstance(outcome, str):
        answer.set_result(outcome)
    else:
        answer.set_exception(outcome)


def _script(messages: Iterable[Mapping[str, str]]) -> str:
    """The code that sends the messages one after another and returns what became of each."""
    calls = (
        f"API.messages.send({json.dumps(message, ensure_ascii=False, separators=(',', ':'))})"
        for message in messages
    )
    return f"return [{','.join(calls)}];"


def _read(answer: Mapping[str, Any], count: int) -> list[str | Exception]:
    """What became of each of `count` messages, in order; RetryLater where it is not certain.

    In the place of a message that was refused stands `false`, and the refusals stand in the same
    order in `execute_errors`. VK may repeat the last of them there as one of `execute`.
    """
    results = items(answer.get("response"))
    if len(results) != count:
        return [RetryLater("VK answered for other messages than those asked about")] * count
    errors = [
        read_error(error)
        for error in items(answer.get("execute_errors"))
        if mapping(error).get("method") != "execute"
    ]
    failed = [result for result in results if not number(result)]
    if len(failed) != len(errors) or any(result is not False for result in failed):
        errors = [RetryLater("VK did not say what became of the message")] * len(failed)
    unsaid = iter(errors)
    return [str(result) if number(result) else next(unsaid) for result in results]
