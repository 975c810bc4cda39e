"""Ties the words of a message to its numbers: which place and service each number stands under."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from backend.readings.labels import Label, LabelKind
from backend.readings.number_match import NumberMatch

_BREAK = re.compile(r"[\n;!]|[,.](?=\s|$)|[,.](?=[^\W\d_]{3})")
_OUTER = (LabelKind.PLACE, LabelKind.SERVICE)


@dataclass(frozen=True)
class MeterMark:
    """The number, or last digits, of a meter, used as its name."""

    meter_id: str
    whole: bool


@dataclass(frozen=True)
class Element:
    """One label, meter's number, row number or reading, by its place in the message."""

    start: int
    end: int
    label: Label | None = None
    mark: MeterMark | None = None
    row: int | None = None
    number: NumberMatch | None = None


@dataclass
class Tagged:
    """A number with everything that was said about it."""

    number: NumberMatch
    places: tuple[str, ...] = ()
    service: str | None = None
    mark: MeterMark | None = None
    row: int | None = None
    about: LabelKind | None = None  # a sum, a volume, the previous reading
    named: bool = False  # a label of its own, not inherited
    own_places: tuple[str, ...] = ()
    own_service: str | None = None

    def without_inherited(self) -> Tagged:
        """The same number with only the labels that stand right beside it."""
        return replace(self, places=self.own_places, service=self.own_service)

    @property
    def key(self) -> tuple[object, ...]:
        """What is known about the meter: equal keys mean the same meters."""
        return self.places, self.service, self.mark


@dataclass
class _Context:
    """Labels that go on until they are replaced; a new outer one ends the inner ones."""

    labels: list[tuple[LabelKind, tuple[str, ...]]] = field(default_factory=list)
    consumed: bool = False

    def set(self, names: Mapping[LabelKind, tuple[str, ...]], lonely: frozenset[str]) -> None:
        """Takes over the labels of one number; they replace older ones, never one another."""
        for kind in names:
            self._end(kind, lonely)
        if names:
            self.labels += names.items()
            self.consumed = False

    def _end(self, kind: LabelKind, lonely: frozenset[str]) -> None:
        """Ends what a new label of this kind replaces."""
        kinds = [known for known, _ in self.labels]
        if kind in kinds:
            del self.labels[kinds.index(kind) :]
        elif (kind is LabelKind.PLACE and kinds == [LabelKind.SERVICE] and self.consumed) or (
            self.consumed and any(name in lonely for _, known in self.labels for name in known)
        ):
            self.labels.clear()

    def get(self, kind: LabelKind) -> tuple[str, ...]:
        return next((names for known, names in self.labels if known is kind), ())


def tag(text: str, elements: Sequence[Element], lonely: frozenset[str]) -> list[Tagged]:
    """Each number with its labels. `lonely` services never cover a number after the first."""
    clauses: list[list[Element]] = [[]]
    last_end = 0
    for element in sorted(elements, key=lambda item: item.start):
        if _BREAK.search(_gap(text, last_end, element)) and clauses[-1]:
            clauses.append([])
        clauses[-1].append(element)
        last_end = element.end
    context = _Context()
    found: list[Tagged] = []
    waiting: list[Element] = []
    for clause in clauses:
        groups = _groups(clause)
        if not groups:
            waiting += clause
            continue
        for number, own in groups:
            found.append(_tagged(number, [*waiting, *own], context, lonely))
            waiting = []
    if waiting and len(found) == 1 and not found[0].named:
        number = found[0].number
        found = [_tagged(number, waiting, context, lonely)]
    return found


def _gap(text: str, last_end: int, element: Element) -> str:
    """What stands before an element, without the dot of an abbreviation («gv. kuch. - 186»)."""
    gap = text[last_end : element.start]
    abbreviated = last_end and text[last_end - 1].isalpha() and gap.startswith(".")
    return gap[1:] if abbreviated else gap


def _groups(clause: Sequence[Element]) -> list[tuple[NumberMatch, list[Element]]]:
    """The numbers of a clause with the labels that belong to each."""
    numbers = [item.number for item in clause if item.number]
    if not numbers:
        return []
    labels = [item for item in clause if not item.number]
    if len(numbers) == 1:
        return [(numbers[0], labels)]
    names_last = clause[-1].number is None and (
        clause[0].number is not None or not _each_is_named_before(clause)
    )
    groups: list[tuple[NumberMatch, list[Element]]] = []
    pending: list[Element] = []
    for item in clause:
        if item.number:
            groups.append((item.number, pending))
            pending = []
        elif names_last and groups:
            groups[-1][1].append(item)
        else:
            pending.append(item)
    return groups


def _each_is_named_before(clause: Sequence[Element]) -> bool:
    """True if a label stands right before every number."""
    return all(
        index > 0 and clause[index - 1].number is None
        for index, item in enumerate(clause)
        if item.number
    )


def _tagged(
    number: NumberMatch, own: Sequence[Element], context: _Context, lonely: frozenset[str]
) -> Tagged:
    tagged = Tagged(number)
    names: dict[LabelKind, tuple[str, ...]] = {}
    for item in own:
        if item.mark:
            tagged.mark = item.mark
        elif item.row is not None:
            tagged.row = item.row
        elif item.label and item.label.kind in _OUTER:
            known = names.get(item.label.kind, ())
            several = item.label.kind is LabelKind.PLACE
            names[item.label.kind] = (*known, item.label.name) if several else (item.label.name,)
        elif item.label and item.label.kind is not LabelKind.CURRENT:
            tagged.about = item.label.kind
    if tagged.about is not LabelKind.SUM:
        context.set(names, lonely)
    tagged.named = bool(names) or tagged.mark is not None or tagged.row is not None
    if tagged.mark is None and tagged.about is not LabelKind.SUM:
        tagged.places = tuple(sorted(set(context.get(LabelKind.PLACE))))
        service = context.get(LabelKind.SERVICE)
        tagged.service = service[-1] if service else None
        tagged.own_places = tuple(sorted(set(names.get(LabelKind.PLACE, ()))))
        own_service = names.get(LabelKind.SERVICE)
        tagged.own_service = own_service[-1] if own_service else None
        context.consumed = True
    return tagged


def total(numbers: Sequence[Decimal]) -> Decimal:
    """The sum of `numbers`."""
    return sum(numbers, Decimal(0))
