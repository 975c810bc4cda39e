"""What the recognition of a message gives back."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import Enum

from backend.readings.number_match import NumberMatch


class How(str, Enum):
    """What tied a number to its meter."""

    NUMBER = "number"  # the meter's number
    LAST_DIGITS = "last_digits"
    PLACE = "place"
    SERVICE = "service"
    ORDER = "order"  # as many numbers as meters, or «1) … 2) …»
    ASKED = "asked"  # the meter the bot asked about, or the only one


class Problem(str, Enum):
    """Why something in the message must be asked about; the codes are stable."""

    WHICH_METER = "which_meter"  # one number, several meters it may belong to
    COUNT_MISMATCH = "count_mismatch"  # several numbers without names, not as many as meters
    NO_SUCH_METER = "no_such_meter"  # the place, service or row named has no meter
    SEVERAL_NUMBERS = "several_numbers"  # different numbers for one meter
    AMBIGUOUS_NUMBER = "ambiguous_number"  # the meter is clear, the value is not
    ONLY_METER_NUMBER = "only_meter_number"  # a meter's number without a reading
    METER_CLOSED = "meter_closed"  # the meter takes no readings
    SUM_DISAGREES = "sum_disagrees"


@dataclass(frozen=True)
class Assignment:
    """A reading placed on a meter."""

    meter_id: str
    value: Decimal
    how: How
    match: NumberMatch


@dataclass(frozen=True)
class Ambiguity:
    """A number of a known meter with several possible values, or of several possible meters."""

    problem: Problem
    match: NumberMatch
    options: tuple[Decimal, ...]
    meter_ids: tuple[str, ...] = ()


@dataclass(frozen=True)
class NotOurs:
    """A number of a service the company does not bill: cold water, electricity, gas, sewer."""

    service: str
    match: NumberMatch


@dataclass(frozen=True)
class VolumeHint:
    """A consumption given instead of a reading. `meter_id` is None when the meter is unclear."""

    value: Decimal
    match: NumberMatch
    meter_id: str | None = None


@dataclass(frozen=True)
class ControlSum:
    """A total the resident wrote. `agrees` is None when not every number could be placed."""

    value: Decimal
    match: NumberMatch
    agrees: bool | None


@dataclass(frozen=True)
class Recognition:
    """Everything a message says about readings. No meter is assigned twice."""

    assigned: tuple[Assignment, ...] = ()
    leftovers: tuple[NumberMatch, ...] = ()
    ambiguous: tuple[Ambiguity, ...] = ()
    not_ours: tuple[NotOurs, ...] = ()
    volume_hints: tuple[VolumeHint, ...] = ()
    control_sum: ControlSum | None = None
    problems: tuple[Problem, ...] = ()

    @property
    def values(self) -> dict[str, Decimal]:
        """Meter id to value."""
        return {item.meter_id: item.value for item in self.assigned}

    @property
    def is_clear(self) -> bool:
        """True if there is a reading and nothing has to be asked."""
        return bool(self.assigned) and not self.problems and not self.leftovers
