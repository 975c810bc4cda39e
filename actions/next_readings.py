"""What the menu offers right after readings: the next account without any, and the correction."""

from __future__ import annotations

import asyncio
from typing import Any

from rasa_sdk.executor import CollectingDispatcher

from actions.texts import button
from actions.wiring import services
from backend.billing.errors import BillingError
from backend.billing.model import Account
from backend.readings.standing import has_given

# Seconds that the menu waits for what billing knows of the other accounts.
PATIENCE = 1.5


async def offer_next(
    resident: str, done: str, dispatcher: CollectingDispatcher, domain: dict[str, Any]
) -> list[dict[str, str]]:
    """Names the next account if there is one; returns the buttons that the menu has besides."""
    buttons = []
    following = await next_account(resident, done)
    if following:
        dispatcher.utter_message(response="utter_next_account", account=following)
        payload = f'/submit_readings{{"account": "{following}"}}'
        buttons.append(button(domain, "utter_button_next_account", payload, account=following))
    payload = f'/correct_readings{{"account": "{done}"}}'
    return [*buttons, button(domain, "utter_button_correct_readings", payload)]


async def next_account(resident: str, done: str) -> str | None:
    """The next linked account that billing expects readings of in the open period, after `done`."""
    linked = list(await services().accounts.of(resident))
    place = linked.index(done) + 1 if done in linked else 0
    others = [one for one in (*linked[place:], *linked[:place]) if one != done]
    try:
        found = await asyncio.wait_for(
            asyncio.gather(
                *(services().billing.account(one) for one in others), return_exceptions=True
            ),
            PATIENCE,
        )
    except asyncio.TimeoutError:
        return None
    for account in found:
        if isinstance(account, Account) and await _is_due(account):
            return account.number
        if isinstance(account, BaseException) and not isinstance(account, BillingError):
            raise account
    return None


async def _is_due(account: Account) -> bool:
    if not account.period.open or not account.open_meters or has_given(account):
        return False
    return not await services().submissions.unsent(account.number)
