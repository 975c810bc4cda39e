"""What residents say and what they expect; every wait is long, because everything breaks."""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal

from demo.emulator.client import NoAnswer, Resident
from demo.emulator.control import NoSuchButton

# Longer than a few starts of a process on a busy machine plus an absence of billing.
PATIENCE = 240.0
FIRST_ACCOUNT = 7069000001
UNAVAILABLE = "Сейчас не удаётся связаться с расчётной системой"
APOLOGY = "у нас произошла ошибка"
# A second press of «Передать показания», sent before the first was answered, met an absent billing
# and closed the form; the value that follows is a number that nobody asked for.
WHAT_IS_IT = "— что это?"
ACCEPTED = "Показания приняты"
KEPT = "Показания сохранены"
# Three quick questions and how their answers begin, wherever the conversation stands.
QUICK = (
    ("Какой у вас телефон?", "Линия показаний"),
    ("До какого числа передавать показания?", "Показания принимаются каждый месяц"),
    ("Что ты умеешь?", "Я бот ТГК-1"),
)


class Unanswered(Exception):
    """A resident waited in vain; the message tells for what."""


@dataclass
class Confirmed:
    """A submission whose confirmation the bot has acknowledged to the resident."""

    account: str
    value: Decimal
    answer: str


@dataclass
class Story:
    """One dialogue: what was confirmed, and what went wrong."""

    account: str
    messenger: str
    resident: Resident | None = None
    confirmed: list[Confirmed] = field(default_factory=list)
    pressed: int = 0
    unanswered: str | None = None
    swapped: list[str] = field(default_factory=list)
    slowest: float = 0.0
    finished: bool = False
    refused: bool = False


class Talk:
    """Lets one new resident link an account of their own and give readings, twice if not told."""

    def __init__(
        self,
        resident: Resident,
        story: Story,
        dice: random.Random,
        *,
        heard: Callable[[float, float], None] = lambda started, took: None,
        pace: float = 1.5,
        submissions: int = 2,
    ) -> None:
        """`dice` decides about values and pauses of up to `pace` seconds.

        `heard` is told of each answer: when the message was sent (monotonic clock), and how many
        seconds it took.
        """
        self._resident = resident
        self._story = story
        self._dice = dice
        self._heard = heard
        self._pace = pace
        self._submissions = submissions
        self._opened: float | None = None

    async def run(self) -> None:
        """The whole dialogue; its story tells the rest."""
        try:
            await self._open()
            await self._link()
            for index in range(self._submissions):
                if self._dice.random() < 0.5:
                    await self._ask_quickly()
                await self._submit(Decimal("168") + Decimal(index * 2) + self._fraction())
            await self._ask_quickly()
            self._story.finished = True
        except Unanswered as nothing:
            self._story.unanswered = str(nothing)

    async def _open(self) -> None:
        self._opened = time.monotonic()
        await self._resident.open()
        # Nobody needs the greeting to go on.
        with contextlib.suppress(NoAnswer):
            await self._resident.wait_for_answer(self._dice.random() * self._pace)
            self._note_greeting()

    def _note_greeting(self) -> None:
        if self._opened is not None:
            self._heard(self._opened, time.monotonic() - self._opened)
            self._opened = None

    def _fraction(self) -> Decimal:
        return Decimal(self._dice.randrange(1, 999)) / 1000

    async def _link(self) -> None:
        account = self._story.account
        await self._until(lambda: self._resident.say(account), f"счёт {account} ", "link")

    async def _submit(self, value: Decimal) -> None:
        await self._until(
            lambda: self._resident.press("Передать показания"), "Укажите показания", "ask"
        )
        await self._until(
            lambda: self._resident.say(str(value).replace(".", ",")), "Объем потребления", "value"
        )
        self._story.pressed += 1
        answer = await self._until(
            lambda: self._resident.press("Подтверждаю"), "Показания ", "confirm"
        )
        self._story.confirmed.append(Confirmed(self._story.account, value, answer))

    async def _ask_quickly(self) -> None:
        with contextlib.suppress(NoAnswer):
            while True:  # What came before is no answer to these.
                await self._resident.wait_for_answer(0)
        asked = []
        for question, _ in QUICK:
            asked.append(time.monotonic())
            await self._resident.say(question)
        deadline = time.monotonic() + PATIENCE
        said: list[str] = []
        places: list[int] = [-1] * len(QUICK)
        while -1 in places:
            left = max(deadline - time.monotonic(), 0.1)
            try:
                said.append((await self._resident.wait_for_answer(left)).text)
            except NoAnswer:
                raise Unanswered(f"quick questions: {said}") from None
            for at, (_, answer) in enumerate(QUICK):
                if places[at] == -1 and said[-1].startswith(answer):
                    places[at] = len(said)
                    self._heard(asked[at], time.monotonic() - asked[at])
        if places != sorted(places):
            self._story.swapped.append(f"{places}")
        await asyncio.sleep(self._dice.random())

    async def _until(self, act, wanted: str, step: str) -> str:  # type: ignore[no-untyped-def]
        """Acts, and again if the bot asks to; returns the answer that contains `wanted`."""
        await asyncio.sleep(self._dice.random() * self._pace)
        deadline = time.monotonic() + PATIENCE
        now = act
        while True:
            started = time.monotonic()
            try:
                await now()
            except NoSuchButton:
                # A message that Viber showed twice made the resident press once more, and the first
                # press has been answered meanwhile.
                latest = (await self._resident.answers())[-2:]
                answered = [text for text in latest if wanted in text]
                if answered:
                    return answered[-1]
                # The answer was seen before its keyboard came with the next message.
                await asyncio.sleep(0.3)
                if time.monotonic() > deadline:
                    raise Unanswered(f"{step}: no button") from None
                continue
            heard: list[str] = []
            while True:
                left = deadline - time.monotonic()
                try:
                    message = await self._resident.wait_for_answer(max(left, 0.1))
                except NoAnswer:
                    raise Unanswered(f"{step}: heard {heard[-3:]}") from None
                self._note_greeting()
                heard.append(message.text[:60])
                if wanted in message.text:
                    took = time.monotonic() - started
                    self._story.slowest = max(self._story.slowest, took)
                    self._heard(started, took)
                    return message.text
                if WHAT_IS_IT in message.text:
                    now = self._give_as_reading
                    break
                if UNAVAILABLE in message.text:
                    now = act
                    break
            await asyncio.sleep(1 + self._dice.random())

    async def _give_as_reading(self) -> None:
        await self._resident.press("Передать показание")


class RefusedTalk:
    """A resident whose messenger refuses the bot's answers for a while: they write again."""

    def __init__(self, resident: Resident, story: Story, refuse: Callable[[int], None]) -> None:
        """`refuse` makes the messenger answer the next call for this resident with a code."""
        self._resident = resident
        self._story = story
        self._refuse = refuse

    async def run(self) -> None:
        """Every refusal is followed by messages until one is answered."""
        await self._resident.open()
        for code in (901, 911) if self._story.messenger == "vk" else (6, 3):
            self._refuse(code)
            for _ in range(8):
                await self._resident.say("Меню")
                try:
                    await self._resident.wait_for_answer(PATIENCE / 8)
                    break
                except NoAnswer:
                    continue
            else:
                self._story.unanswered = f"after refusal {code}"
        self._story.finished = True
