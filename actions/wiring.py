"""Builds the services that actions use, once; the only place that picks adapters.

The serving process and tests provide them; a stand-alone `rasa run actions` builds its own from the
environment at the first action.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from backend.accounts.service import LinkedAccounts
from backend.billing.http import HttpBilling
from backend.billing.port import Billing
from backend.history.charts import Charts
from backend.history.receipts import StoredReceipts
from backend.history.service import History
from backend.privacy.service import Privacy, build_privacy
from backend.readings.rules import ReadingLimits
from backend.readings.submissions import Submissions
from backend.reminders.choices import ReminderChoices
from backend.settings import AfterClosing, Settings, load_settings
from backend.storage.database import Database


@dataclass(frozen=True)
class Services:
    """Everything an action may call. `now` gives the time in the utility's zone."""

    accounts: LinkedAccounts
    billing: Billing
    submissions: Submissions
    now: Callable[[], datetime]
    history: History
    privacy: Privacy
    reminders: ReminderChoices
    limits: ReadingLimits = field(default_factory=ReadingLimits)
    after_closing: AfterClosing = AfterClosing.UNKNOWN


_services: Services | None = None


def provide(services: Services | None) -> None:
    """Sets the services of this process."""
    global _services
    _services = services


def services() -> Services:
    """The services of this process, built from the environment if nobody provided them."""
    global _services
    if _services is None:
        _services = _stand_alone(load_settings())
    return _services


def build(settings: Settings, database: Database) -> Services:
    """The services over a database and the billing of `settings`."""
    billing = HttpBilling(
        settings.billing_url,
        settings.billing_token.get_secret_value(),
        budget=settings.billing_budget,
    )
    zone = ZoneInfo(settings.time_zone)

    def now() -> datetime:
        return datetime.now(zone)

    return Services(
        accounts=LinkedAccounts(database),
        billing=billing,
        submissions=Submissions(database, billing),
        now=now,
        history=History(
            billing, StoredReceipts(database), Charts(), now, settings.picture_channels
        ),
        privacy=build_privacy(settings, database),
        reminders=ReminderChoices(database, settings.reminded_channels),
        limits=reading_limits(settings),
        after_closing=settings.readings_after_closing,
    )


def reading_limits(settings: Settings) -> ReadingLimits:
    """The limits of the rules for readings, as the company sets them."""
    return ReadingLimits(
        dial_over_share=settings.reading_dial_over_share,
        high_times_average=settings.reading_high_times_average,
        high_floor_m3=settings.reading_high_water,
        high_floor_gcal=settings.reading_high_heat,
        volume_share=settings.reading_volume_share,
        verification_soon_days=settings.reading_verification_soon_days,
        silence_days=settings.reading_silence_days,
    )


def _stand_alone(settings: Settings) -> Services:
    from backend.storage.location import database_url
    from backend.storage.migrate import migrate

    url = database_url(settings)
    migrate(url)
    return build(settings, Database(url))
