"""Words for reminders: what is missing, per account, with the domain's texts and buttons."""

from __future__ import annotations

from collections.abc import Callable

from actions.meters import label
from backend.delivery.turn import Said
from backend.readings.format import date_text
from backend.reminders.schedule import Kind, Missing, Plan
from backend.reminders.sending import Words
from server.phrases import phrase
from server.turns import RasaTurns


def reminder_words(turns: Callable[[], RasaTurns | None]) -> Words:
    """Words a reminder with the domain's texts."""

    def words(channel: str, plan: Plan) -> Said:
        loaded = turns()
        assert loaded is not None
        domain = loaded.agent.domain

        def line(missing: Missing) -> str:
            account = missing.account
            known = list(account.meters)
            named = ", ".join(label(meter, known) for meter in missing.meters)
            closes = account.period.closes
            if closes is None:
                return phrase(
                    domain,
                    "utter_reminder_line_undated",
                    channel,
                    account=account.number,
                    meters=named,
                ).text
            return phrase(
                domain,
                "utter_reminder_line",
                channel,
                account=account.number,
                meters=named,
                closes=date_text(closes),
            ).text

        lines = "\n".join(line(one) for one in plan.missing)
        if plan.kind is Kind.CLOSING:
            return phrase(domain, "utter_reminder_closing", channel, accounts=lines)
        return phrase(domain, "utter_reminder_opened", channel, accounts=lines)

    return words
