"""Whether somebody who wants to link an account knows one of its meters."""

from __future__ import annotations

import re
from collections.abc import Iterable

from backend.billing.model import Meter

# How many of a meter's last digits are asked for.
DIGITS = 4


def proves(meters: Iterable[Meter], digits: str) -> bool:
    """True if `digits` (ASCII, at least DIGITS of them) end the number of one of the meters.

    More than DIGITS may be given, up to the whole number. A number that is shorter than DIGITS
    can't be asked for and proves nothing.
    """
    return len(digits) >= DIGITS and any(
        "".join(re.findall("[0-9]", meter.number)).endswith(digits) for meter in meters
    )
