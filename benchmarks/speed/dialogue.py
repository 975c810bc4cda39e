"""The scripted dialogue, the same for every variant, and who holds it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Protocol

FIRST_ACCOUNT = 7_069_000_001
MOST_ACCOUNTS = 500
ASKS_NUMBER = "номер вашего лицевого счёта"
MENU = "Выберите действие"
ASKS_READING = "Укажите показания"


@dataclass
class Person:
    """A resident: what the bot said last, and the buttons under it by caption."""

    user_id: str
    account: str
    number: int
    step: int = 0
    lost: bool = True
    texts: list[str] = field(default_factory=list)
    buttons: dict[str, str] = field(default_factory=dict)
    tracking_data: str | None = None


@dataclass(frozen=True)
class Step:
    """One turn of the script. `expects` is in the last message of the right answer."""

    kind: str
    words: str
    expects: str
    pressed: bool = False

    def of(self, words: str) -> Step:
        """The same step in other words."""
        return replace(self, words=words)


# What residents do most, over and over: a third of the turns are typed words.
SCRIPT = (
    Step("button", "Передать показания", ASKS_READING, pressed=True),
    Step("free text", "какой срок передачи показаний?", ASKS_READING),
    Step("reading", "", "Объем потребления"),
    Step("confirm", "Подтверждаю", MENU, pressed=True),
)
KINDS = tuple(step.kind for step in SCRIPT)
LINK = Step("link", "", MENU)
BACK = Step("menu", "Меню", MENU)


@dataclass(frozen=True)
class Timing:
    """Seconds from sending a message to its whole answer, and to the webhook's acknowledgement.

    `right` is False if the bot answered something else than the script expects.
    """

    kind: str
    answer: float
    acknowledged: float | None
    ended: float
    right: bool = True


class Bot(Protocol):
    """How residents reach one variant."""

    async def open(self, person: Person) -> Timing:
        """Opens the chat; the bot asks for an account number."""
        ...

    async def turn(self, person: Person, step: Step) -> Timing:
        """One message and its whole answer."""
        ...


def reading_above(person: Person) -> str:
    """A value a little above the previous one that the bot has just named."""
    said = person.texts[-1]
    previous = said.split("показания: ", 1)[1].split(" от ", 1)[0].rstrip(")").replace(",", ".")
    return f"{float(previous) + 0.001:.3f}".replace(".", ",")


def words_of(person: Person, step: Step) -> str:
    """What the person sends in this step."""
    return step.words or reading_above(person)


async def link(bot: Bot, person: Person) -> list[Timing]:
    """The first two turns of a conversation: greeting and account number."""
    timings = [await bot.open(person), await bot.turn(person, LINK.of(person.account))]
    if not timings[-1].right:
        raise RuntimeError(f"account {person.account} was not linked: {person.texts}")
    person.lost = False
    return timings


async def next_turn(bot: Bot, person: Person) -> Timing:
    """The next step of the person's endless dialogue."""
    if person.lost:
        # After another answer than expected, or none, the dialogue begins anew at the menu.
        back = await bot.turn(person, BACK)
        person.step, person.lost = 0, not back.right
        return back
    person.lost = True
    timing = await bot.turn(person, SCRIPT[person.step])
    person.step, person.lost = (person.step + 1) % len(SCRIPT), not timing.right
    return timing


def people(prefix: str, count: int) -> list[Person]:
    """Residents with accounts of their own."""
    return [
        Person(f"{prefix}{number}", str(FIRST_ACCOUNT + number % MOST_ACCOUNTS), number)
        for number in range(count)
    ]
