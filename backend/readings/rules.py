"""Checks a value against its meter: each rule is one small function, tried in order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_DOWN, Decimal

from backend.billing.model import Meter
from backend.readings.number_match import NumberMatch
from backend.readings.placing import dial_size
from backend.readings.units import heat_factor
from backend.readings.verdicts import Accepted, Kind, Notice, Question, Refused, Verdict

_THOUSAND = Decimal(1000)
_SLIPPED_DIGITS = 3


@dataclass(frozen=True)
class ReadingLimits:
    """The limits of the rules. Volumes are in the meter's unit, per month where it says so."""

    dial_over_share: Decimal = Decimal("0.9")
    high_times_average: Decimal = Decimal(3)
    high_floor_m3: Decimal = Decimal(15)
    high_floor_gcal: Decimal = Decimal(5)
    volume_share: Decimal = Decimal("0.5")  # below this share of the previous: perhaps a volume
    days_in_month: Decimal = Decimal("30.4375")
    verification_soon_days: int = 90
    silence_days: int = 183

    def high_floor(self, unit: str) -> Decimal:
        """The monthly volume in `unit` that is never unusual: of heat, or else of water."""
        factor = heat_factor(unit)
        return self.high_floor_m3 if factor is None else self.high_floor_gcal * factor


DEFAULT_LIMITS = ReadingLimits()


@dataclass(frozen=True)
class Check:
    """One value under check. `confirmed` holds the kinds the resident has already confirmed."""

    meter: Meter
    value: Decimal
    today: date
    limits: ReadingLimits
    as_typed: NumberMatch | None
    confirmed: frozenset[str]

    @property
    def high_volume(self) -> Decimal:
        """The volume since the last reading above which the value is unusual."""
        return high_volume(self.meter, today=self.today, limits=self.limits)

    @property
    def dial(self) -> Decimal:
        """The first value that the dial cannot show."""
        return dial_size(self.meter)

    def fits(self, value: Decimal) -> bool:
        """True if `value` is on the dial and a usual next reading after the previous one."""
        previous = self.meter.last_reading
        if previous is None or not 0 <= value < self.dial:
            return False
        return previous <= value <= previous + self.high_volume


def high_volume(meter: Meter, *, today: date, limits: ReadingLimits = DEFAULT_LIMITS) -> Decimal:
    """The volume above which a reading is unusual, for the months since the last reading."""
    months = Decimal(1)
    if meter.last_reading_date is not None:
        days = Decimal((today - meter.last_reading_date).days)
        months = max(months, days / limits.days_in_month)
    average = max(meter.average_monthly or Decimal(0), Decimal(0))
    return max(limits.high_times_average * average, limits.high_floor(meter.unit)) * months


def volume(meter: Meter, value: Decimal) -> Decimal | None:
    """The consumption since the previous reading, across the dial's end if `value` is below it.

    None when the meter has no previous reading.
    """
    if meter.last_reading is None:
        return None
    difference = value - meter.last_reading
    return difference if difference >= 0 else difference + dial_size(meter)


def not_a_number(check: Check) -> Verdict | None:
    """A negative or non-finite value."""
    if check.value.is_finite() and check.value >= 0:
        return None
    return Refused(Kind.NOT_A_NUMBER)


def verification_expired(check: Check) -> Verdict | None:
    """Readings of a meter whose verification has run out are not counted."""
    due = check.meter.next_verification_date
    if due is None or due >= check.today:
        return None
    return Refused(Kind.VERIFICATION_EXPIRED, when=due)


def thousandfold_slip(check: Check) -> Verdict | None:
    """A lost or misplaced comma: the value or its digits fit only when moved by three places."""
    if Kind.THOUSANDFOLD_SLIP.value in check.confirmed or check.fits(check.value):
        return None
    whole = check.value == check.value.to_integral_value()
    divided = _cut(check.value.scaleb(-3), check.meter.decimal_digits)
    if whole and (check.fits(divided) or _whole_dial_typed(check)):
        return _slip(check, divided)
    multiplied = check.value.scaleb(3)
    three_decimals = -int(check.value.as_tuple().exponent) == _SLIPPED_DIGITS
    if three_decimals and not whole and check.fits(multiplied):
        return _slip(check, multiplied)
    return None


def _slip(check: Check, proposal: Decimal) -> Question:
    previous = check.meter.last_reading
    return Question(
        Kind.THOUSANDFOLD_SLIP, proposal, volume(check.meter, proposal), previous=previous
    )


def _whole_dial_typed(check: Check) -> bool:
    """Black and red digits in one row, and no previous reading to tell them apart."""
    meter, typed = check.meter, check.as_typed
    if typed is None or meter.decimal_digits != _SLIPPED_DIGITS or meter.last_reading is not None:
        return False
    return len(typed.integer_text) == meter.integer_digits + meter.decimal_digits


def too_many_digits(check: Check) -> Verdict | None:
    """More digits before the comma than the dial has."""
    if check.value < check.dial:
        return None
    return Refused(Kind.TOO_MANY_DIGITS, allowed=check.meter.integer_digits)


def too_many_decimals(check: Check) -> Verdict | None:
    """More decimals than the meter takes: the value cut to them is proposed, never just used."""
    cut = _cut(check.value, check.meter.decimal_digits)
    if cut == check.value:
        return None
    return Question(
        Kind.TOO_MANY_DECIMALS,
        cut,
        volume(check.meter, cut),
        previous=check.meter.last_reading,
    )


def below_previous(check: Check) -> Verdict | None:
    """Below the previous reading: the dial went over, a volume was given, or it is a mistake."""
    previous = check.meter.last_reading
    if previous is None or check.value >= previous:
        return None
    wrapped = check.dial - previous + check.value
    near_end = previous >= check.dial * check.limits.dial_over_share
    if near_end and wrapped <= check.high_volume:
        if Kind.DIAL_OVER.value in check.confirmed:
            return None
        return Question(Kind.DIAL_OVER, volume=wrapped, previous=previous, limit=check.high_volume)
    proposal = previous + check.value
    small = check.value <= check.high_volume
    like_volume = small and 0 < check.value < previous * check.limits.volume_share
    asked = Kind.VOLUME_INSTEAD.value in check.confirmed
    if like_volume and proposal < check.dial and not asked:
        return Question(Kind.VOLUME_INSTEAD, proposal, check.value, previous=previous)
    return Refused(Kind.BELOW_PREVIOUS, previous=previous)


def unusually_high(check: Check) -> Verdict | None:
    """Much more than this meter usually counts."""
    used = volume(check.meter, check.value)
    if used is None or used <= check.high_volume or Kind.UNUSUALLY_HIGH.value in check.confirmed:
        return None
    return Question(
        Kind.UNUSUALLY_HIGH,
        volume=used,
        previous=check.meter.last_reading,
        limit=check.high_volume,
    )


RULES: tuple[Callable[[Check], Verdict | None], ...] = (
    not_a_number,
    verification_expired,
    thousandfold_slip,
    too_many_digits,
    too_many_decimals,
    below_previous,
    unusually_high,
)


def notices(check: Check) -> tuple[Notice, ...]:
    """What a resident should know although the value is accepted."""
    meter, found = check.meter, []
    if meter.last_reading is not None and check.value == meter.last_reading:
        found.append(Notice(Kind.EQUAL))
    due = meter.next_verification_date
    if due is not None and (due - check.today).days <= check.limits.verification_soon_days:
        found.append(Notice(Kind.VERIFICATION_SOON, due))
    last = meter.last_reading_date
    if last is not None and (check.today - last).days > check.limits.silence_days:
        found.append(Notice(Kind.LONG_SILENCE, last))
    return tuple(found)


def check(
    meter: Meter,
    value: Decimal,
    *,
    today: date,
    limits: ReadingLimits = DEFAULT_LIMITS,
    as_typed: NumberMatch | None = None,
    confirmed: frozenset[str] = frozenset(),
) -> Verdict:
    """Whether `value` may be submitted for `meter` on `today` (the utility's own calendar day).

    `confirmed` holds codes of questions that were answered with yes for this very value.
    """
    subject = Check(meter, value, today, limits, as_typed, confirmed)
    for rule in RULES:
        if verdict := rule(subject):
            return verdict
    return Accepted(value, volume(meter, value), notices(subject))


def propose_from_volume(
    meter: Meter,
    used: Decimal,
    *,
    today: date,
    limits: ReadingLimits = DEFAULT_LIMITS,
) -> Verdict:
    """The question for a consumption the resident gave instead of a reading («we used 12»)."""
    subject = Check(meter, used, today, limits, None, frozenset())
    if verdict := not_a_number(subject) or verification_expired(subject):
        return verdict
    if meter.last_reading is None:
        return Question(Kind.VOLUME_INSTEAD, volume=used)
    proposal = meter.last_reading + used
    if proposal >= subject.dial:
        proposal -= subject.dial
    return Question(Kind.VOLUME_INSTEAD, proposal, used, previous=meter.last_reading)


def _cut(value: Decimal, decimals: int) -> Decimal:
    """`value` without its decimals beyond `decimals`; longer numbers than a dial stay as is."""
    if value.adjusted() > 20:
        return value
    return value.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_DOWN)
