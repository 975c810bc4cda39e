"""Words for outcomes that come after their turn: a submission that billing settled later."""

from __future__ import annotations

from collections.abc import Callable
from datetime import tzinfo

from rasa.shared.core.domain import Domain

from backend.readings.format import moment_text, reading_text
from backend.readings.outcomes import Accepted, ConfirmedReading, Settled
from backend.readings.submissions import Announce
from server.phrases import phrase
from server.turns import RasaTurns


def announcer(turns: Callable[[], RasaTurns | None], zone: tzinfo) -> Announce:
    """Words a late outcome with the domain's texts; times are those of `zone`."""

    def announce(settled: Settled) -> str:
        loaded = turns()
        assert loaded is not None
        domain = loaded.agent.domain
        accepted = isinstance(settled.outcome, Accepted)
        lines = "\n".join(
            _line(domain, settled.channel, reading, accepted=accepted)
            for reading in settled.readings
        )
        if isinstance(settled.outcome, Accepted):
            return phrase(
                domain,
                "utter_readings_accepted_later",
                settled.channel,
                account=settled.account,
                readings=lines,
                receipt=settled.outcome.receipt.receipt_id,
                time=moment_text(settled.outcome.receipt.accepted_at, zone),
            ).text
        reason = (
            settled.outcome.detail or phrase(domain, "utter_refusal_unknown", settled.channel).text
        )
        return phrase(
            domain,
            "utter_readings_refused_later",
            settled.channel,
            account=settled.account,
            readings=lines,
            reason=reason,
        ).text

    return announce


def _line(domain: Domain, channel: str, reading: ConfirmedReading, *, accepted: bool) -> str:
    value = reading_text(reading.value)
    if reading.replaces is None or not accepted:
        return phrase(domain, "utter_reading_line", channel, meter=reading.label, value=value).text
    return phrase(
        domain,
        "utter_reading_line_replacing",
        channel,
        meter=reading.label,
        value=value,
        previous=reading_text(reading.replaces),
    ).text
