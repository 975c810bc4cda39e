"""Everything about residents' data that actions may call."""

from __future__ import annotations

from dataclasses import dataclass

from backend.privacy.attempts import WrongNumbers
from backend.privacy.consents import Consents
from backend.privacy.notices import LinkNotices
from backend.privacy.policy import Policy
from backend.privacy.stored import StoredData
from backend.settings import Settings
from backend.storage.database import Database


@dataclass(frozen=True)
class Privacy:
    """The policy and what keeps to it."""

    policy: Policy
    consents: Consents
    wrong_numbers: WrongNumbers
    notices: LinkNotices
    stored: StoredData


def build_privacy(settings: Settings, database: Database) -> Privacy:
    """The services over a database, as `settings` ask for."""
    policy = Policy(
        url=settings.privacy_policy_url,
        version=settings.consent_version,
        explicit=settings.consent == "explicit",
        meter_proof=settings.link_proof == "meter",
        wrong_numbers=settings.wrong_numbers,
        wrong_numbers_of_all=settings.wrong_numbers_of_all,
    )
    return privacy_of(policy, database)


def privacy_of(policy: Policy, database: Database) -> Privacy:
    """The services over a database under a policy."""
    consents = Consents(database, policy)
    return Privacy(
        policy=policy,
        consents=consents,
        wrong_numbers=WrongNumbers(database, policy),
        notices=LinkNotices(database),
        stored=StoredData(database, consents),
    )
