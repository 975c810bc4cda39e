"""Reads a message one way: places each of its numbers on a meter, or says why not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from backend.billing.model import Meter
from backend.readings.clauses import Element, MeterMark, Tagged, tag, total
from backend.readings.labels import Label, LabelKind, labels_in, names_in
from backend.readings.number_match import NumberMatch, Role
from backend.readings.placing import (
    dial_size,
    fitting_meters,
    has_place,
    meter_marks,
    own_place_words,
    value_for,
)
from backend.readings.recognised import (
    Ambiguity,
    Assignment,
    ControlSum,
    How,
    NotOurs,
    Problem,
    Recognition,
    VolumeHint,
)
from backend.readings.tokens import TokenKind, read
from backend.readings.vocabulary import vocabulary


@dataclass
class Attempt:
    """One way to read the message: the numbers as found, or divided."""

    text: str
    meters: Sequence[Meter]
    asked: Meter | None
    matches: Sequence[NumberMatch]
    divided: bool = False
    assigned: list[Assignment] = field(default_factory=list)
    leftovers: list[NumberMatch] = field(default_factory=list)
    ambiguous: list[Ambiguity] = field(default_factory=list)
    problems: dict[Problem, None] = field(default_factory=dict)
    hints: list[VolumeHint] = field(default_factory=list)
    foreign: list[NotOurs] = field(default_factory=list)
    sums: list[NumberMatch] = field(default_factory=list)

    def result(self) -> Recognition:
        """Places every number and tells what is left."""
        marks = meter_marks(self.text, self.matches, self.meters)
        tagged = tag(self.text, self._elements(marks), self._lonely())
        if marks and not tagged:
            self.problems[Problem.ONLY_METER_NUMBER] = None
        readings = self._set_apart(tagged)
        for group in _grouped(readings):
            self._place(group, alone=len(readings) == len(group))
        self._one_number_per_meter()
        control = self._control_sum()
        return Recognition(
            tuple(self.assigned),
            tuple(self.leftovers),
            tuple(self.ambiguous),
            tuple(self.foreign),
            tuple(self.hints),
            control,
            tuple(self.problems),
        )

    def _lonely(self) -> frozenset[str]:
        return vocabulary().words("labels", "not_ours") - {"cold_water"}

    def _elements(self, marks: dict[int, MeterMark]) -> list[Element]:
        message = read(self.text)
        found: list[Element] = []
        for match in self.matches:
            if match.start in marks:
                found.append(Element(match.start, match.end, mark=marks[match.start]))
            elif match.role is Role.ORDINAL:
                found.append(Element(match.start, match.end, row=int(match.value)))
            elif match.role is Role.READING:
                found.append(Element(match.start, match.end, number=match))
        for label in labels_in(message.folded.text, message.tokens):
            start, end = message.folded.span(label.start, label.end)
            inside = any(item.start < end and start < item.end for item in found)
            if not inside or label.kind is LabelKind.VOLUME:
                found.append(Element(start, end, label=label))
        found += self._own_places(found)
        return self._with_numbered_places(sorted(found, key=lambda item: item.start))

    def _own_places(self, known: Sequence[Element]) -> list[Element]:
        """Places by billing's own words where the vocabulary has none."""
        stems = [stem for meter in self.meters for stem in own_place_words(meter)]
        message = read(self.text)
        found: list[Element] = []
        for token in message.tokens if stems else ():
            stem = next((stem for stem in stems if token.text.startswith(stem)), None)
            if stem is None or token.kind is not TokenKind.WORD:
                continue
            start, end = message.folded.span(token.start, token.end)
            if not any(item.start < end and start < item.end for item in known):
                found.append(Element(start, end, label=Label(LabelKind.PLACE, stem)))
        return found

    def _with_numbered_places(self, elements: Sequence[Element]) -> list[Element]:
        """Joins «room» and «1» where a meter stands in room 1 and a reading follows."""
        found: list[Element] = []
        for index, item in enumerate(elements):
            last = found[-1] if found else None
            digit = item.number.integer_text if item.number else str(item.row or "")
            more = any(other.number for other in elements[index + 1 :])
            if last and last.label and last.label.kind is LabelKind.PLACE and more and digit:
                name = f"{last.label.name} {digit}"
                glued = not self.text[last.end : item.start].strip(" №")
                if glued and has_place(self.meters, name):
                    label = Label(LabelKind.PLACE, name)
                    found[-1] = Element(last.start, item.end, label=label)
                    continue
            found.append(item)
        return found

    def _set_apart(self, tagged: Sequence[Tagged]) -> list[Tagged]:
        """Takes out sums, volumes, previous readings and other companies' services."""
        others = [item for item in tagged if item.about is not LabelKind.SUM]
        foreign = vocabulary().words("labels", "not_ours")
        readings: list[Tagged] = []
        for item in tagged:
            if item.about is LabelKind.SUM and others:
                self.sums.append(item.number)
                continue
            if item.about is LabelKind.PREVIOUS and len(tagged) > 1:
                continue
            if item.service in foreign and not self._bills(item.service):
                self.foreign.append(NotOurs(str(item.service), item.number))
                continue
            if item.named and not fitting_meters(item, self.meters):
                item = item.without_inherited()
            if item.about is LabelKind.VOLUME:
                meters = fitting_meters(item, self.meters)
                if len(meters) != 1 and self.asked in meters:
                    meters = [self.asked] if self.asked else []
                meter_id = meters[0].id if len(meters) == 1 else None
                self.hints.append(VolumeHint(item.number.value, item.number, meter_id))
            else:
                readings.append(item)
        return readings

    def _bills(self, service: str | None) -> bool:
        return any((LabelKind.SERVICE, service) in names_in(meter.service) for meter in self.meters)

    def _ask(self, problem: Problem, items: Sequence[Tagged], meters: Sequence[Meter]) -> None:
        self.problems[problem] = None
        for item in items:
            self.leftovers.append(item.number)
            self.ambiguous.append(
                Ambiguity(
                    problem, item.number, item.number.options, tuple(meter.id for meter in meters)
                )
            )

    def _place(self, group: Sequence[Tagged], *, alone: bool) -> None:
        """Places numbers that carry the same labels."""
        first = group[0]
        meters = fitting_meters(first, self.meters)
        unnamed = not (first.places or first.service or first.mark)
        if not meters:
            self._ask(Problem.NO_SUCH_METER, group, ())
            return
        if all(item.row is not None for item in group):
            for item in group:
                row = (item.row or 0) - 1
                if 0 <= row < len(meters):
                    self._assign(item, meters[row], How.ORDER)
                else:
                    self._ask(Problem.NO_SUCH_METER, [item], meters)
            return
        if len(meters) == 1 and (len(group) == 1 or not unnamed):
            how = _how(first) if not unnamed else How.ASKED
            for item in group:
                self._assign(item, meters[0], how)
            return
        if len(group) == 1 and self.asked in meters and self.asked and (alone or not unnamed):
            self._assign(first, self.asked, How.ASKED)
            return
        open_meters = [meter for meter in meters if meter.accepts_readings]
        if len(group) == 1 and len(open_meters) == 1 and (alone or not unnamed):
            self._assign(first, open_meters[0], How.ASKED if unnamed else _how(first))
            return
        if self._go_in_order(group, open_meters) and (alone or not unnamed):
            for item, meter in zip(group, open_meters, strict=True):
                self._assign(item, meter, How.ORDER)
            return
        single = len(group) == 1
        self._ask(Problem.WHICH_METER if single else Problem.COUNT_MISMATCH, group, meters)

    def _go_in_order(self, group: Sequence[Tagged], meters: Sequence[Meter]) -> bool:
        """True if there are exactly as many numbers as meters and each is short enough."""
        if len(group) != len(meters) or len(meters) < 2:
            return False
        if self.asked is not None and self.asked.id != meters[0].id:
            return False
        if group[0].places and not all(meter.place for meter in meters):
            return False
        return all(
            min(item.number.options) < dial_size(meter)
            for item, meter in zip(group, meters, strict=True)
        )

    def _assign(self, item: Tagged, meter: Meter, how: How) -> None:
        if not meter.accepts_readings:
            self._ask(Problem.METER_CLOSED, [item], [meter])
            return
        value = value_for(meter, item.number)
        if value is None:
            self._ask(Problem.AMBIGUOUS_NUMBER, [item], [meter])
            return
        self.assigned.append(Assignment(meter.id, value, how, item.number))

    def _one_number_per_meter(self) -> None:
        by_meter: dict[str, list[Assignment]] = {}
        for item in self.assigned:
            by_meter.setdefault(item.meter_id, []).append(item)
        self.assigned = []
        for meter_id, items in by_meter.items():
            if len({item.value for item in items}) == 1:
                self.assigned.append(items[0])
                continue
            self.problems[Problem.SEVERAL_NUMBERS] = None
            for item in items:
                self.leftovers.append(item.match)
                self.ambiguous.append(
                    Ambiguity(Problem.SEVERAL_NUMBERS, item.match, (item.value,), (meter_id,))
                )

    def _control_sum(self) -> ControlSum | None:
        if not self.sums:
            return None
        match = self.sums[0]
        if self.leftovers or not self.assigned:
            return ControlSum(match.value, match, None)
        by_id = {meter.id: meter for meter in self.meters}
        values = [item.value for item in self.assigned]
        foreign = [item.match.value for item in self.foreign]
        used = [
            item.value - last
            for item in self.assigned
            if (last := by_id[item.meter_id].last_reading) is not None
        ]
        sums: set[Decimal] = {total(values), total([*values, *foreign])}
        if len(used) == len(values):
            sums.add(total(used))
        agrees = match.value in sums
        if not agrees:
            self.problems[Problem.SUM_DISAGREES] = None
        return ControlSum(match.value, match, agrees)


def _how(item: Tagged) -> How:
    if item.mark:
        return How.NUMBER if item.mark.whole else How.LAST_DIGITS
    return How.PLACE if item.places else How.SERVICE


def _grouped(items: Sequence[Tagged]) -> list[list[Tagged]]:
    groups: dict[tuple[object, ...], list[Tagged]] = {}
    for item in items:
        groups.setdefault(item.key, []).append(item)
    return list(groups.values())
