"""Readings and submissions in SQLite: what was taken, what counts, what was answered."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import orjson

from demo.billing.periods import Period, period_on
from demo.billing.rules import (
    Previous,
    Refused,
    check_period,
    check_reading,
    is_expired,
    meter_of,
)
from demo.billing.seeds import Account, Seeds, load
from demo.billing.submissions import Submission

TIME_ZONE = ZoneInfo("Europe/Moscow")
_TABLES = """
CREATE TABLE IF NOT EXISTS readings (
    id INTEGER PRIMARY KEY, account TEXT NOT NULL, meter_id TEXT NOT NULL, period TEXT NOT NULL,
    date TEXT NOT NULL, value TEXT NOT NULL, channel TEXT, counts INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS readings_of_meter ON readings (account, meter_id, date, id);
CREATE TABLE IF NOT EXISTS submissions (
    id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, fingerprint TEXT NOT NULL,
    account TEXT NOT NULL, status INTEGER NOT NULL, answer BLOB NOT NULL, receipt_id TEXT,
    accepted_at TEXT NOT NULL, body TEXT NOT NULL, requests INTEGER NOT NULL);
"""


@dataclass(frozen=True)
class Answer:
    """The status and JSON of a submission's answer; `fresh` False: it is a repeated one."""

    status: int
    content: bytes
    fresh: bool


class Ledger:
    """Billing's memory. Every call runs to its end without giving way, so calls never mix."""

    def __init__(
        self,
        database: str,
        today: date | None,
        problem_json: Callable[[Refused], tuple[int, bytes]],
        crowd: int | None = None,
    ) -> None:
        self._today = today
        self._crowd = crowd
        self._problem_json = problem_json
        self._db = sqlite3.connect(database, isolation_level=None, check_same_thread=False)
        # A killed process loses nothing with this; only a fallen machine would, and it is a demo.
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=OFF")
        self._db.executescript(_TABLES)
        self._seeds: Seeds = load(self.today(), crowd=crowd)
        if self._db.execute("SELECT 1 FROM readings LIMIT 1").fetchone() is None:
            self._plant()

    @property
    def accounts(self) -> dict[str, Account]:
        """All accounts by number."""
        return self._seeds.accounts

    def today(self) -> date:
        """The day in Moscow, or the day that was set."""
        return self._today or datetime.now(TIME_ZONE).date()

    def set_today(self, today: date | None) -> None:
        """Moves the clock; the seeds keep their dates until `reset`."""
        self._today = today

    def reset(self) -> None:
        """Back to the seeds, as they are today."""
        self._seeds = load(self.today(), crowd=self._crowd)
        self._plant()

    def close(self) -> None:
        """Closes the database."""
        self._db.close()

    def account(self, number: str) -> dict[str, Any]:
        """The contract's Account."""
        account, today = self.accounts[number], self.today()
        return {
            "number": number,
            "address": account.address,
            "period": _period_json(period_on(today, account.rule)),
            "meters": [self._meter(account, meter_id, today) for meter_id in account.meters],
        }

    def readings(self, number: str, limit: int) -> dict[str, Any]:
        """The contract's history, newest first."""
        meters = self.accounts[number].meters
        rows = self._db.execute(
            "SELECT meter_id, value, date, channel, counts FROM readings"
            " WHERE account = ? ORDER BY date DESC, id DESC LIMIT ?",
            (number, limit),
        )
        return {
            "readings": [
                {
                    "meter_id": meter_id,
                    "meter_number": meters[meter_id].number,
                    "value": value,
                    "date": day,
                    "channel": channel,
                    "counts": bool(counts),
                }
                for meter_id, value, day, channel, counts in rows
            ]
        }

    def balance(self, number: str) -> dict[str, Any]:
        """The contract's balance."""
        account = self.accounts[number]
        body = {"amount": account.amount, "as_of": self.today().isoformat()}
        return {**body, "pay_url": account.pay_url} if account.pay_url else body

    def submit(self, number: str, key: str, submission: Submission) -> Answer:
        """Takes or refuses a submission; a known key gives its first answer again.

        Raises:
            Refused: the key is known with another account or other readings.
        """
        fingerprint = _fingerprint(number, submission)
        known = self._db.execute(
            "SELECT fingerprint, status, answer FROM submissions WHERE key = ?", (key,)
        ).fetchone()
        if known is not None:
            if known[0] != fingerprint:
                raise Refused("idempotency_conflict")
            self._db.execute("UPDATE submissions SET requests = requests + 1 WHERE key = ?", (key,))
            return Answer(known[1], known[2], fresh=False)
        with self._transaction():
            return self._decide(number, key, fingerprint, submission)

    def submissions(self) -> list[dict[str, Any]]:
        """Every submission that got an answer, in order; `requests` counts its repeats too."""
        rows = self._db.execute(
            "SELECT key, account, status, receipt_id, accepted_at, body, requests"
            " FROM submissions ORDER BY id"
        )
        return [
            {
                "idempotency_key": key,
                "account": account,
                "status": status,
                "receipt_id": receipt_id,
                "accepted_at": accepted_at,
                "readings": orjson.loads(body),
                "requests": requests,
            }
            for key, account, status, receipt_id, accepted_at, body, requests in rows
        ]

    def _decide(self, number: str, key: str, fingerprint: str, submission: Submission) -> Answer:
        account, today = self.accounts[number], self.today()
        now = datetime.combine(today, datetime.now(TIME_ZONE).time(), TIME_ZONE)
        period = period_on(today, account.rule)
        receipt_id: str | None = None
        try:
            check_period(period)
            for meter_id, value in submission.readings.items():
                meter = meter_of(account, meter_id)
                check_reading(meter, value, self._previous(number, meter_id, period), today)
        except Refused as refused:
            status, content = self._problem_json(refused)
        else:
            receipt_id = self._store(number, period, today, submission)
            receipt = {
                "receipt_id": receipt_id,
                "accepted_at": now.isoformat(timespec="seconds"),
                "period": period.month,
            }
            status, content = 201, orjson.dumps(receipt)
        self._db.execute(
            "INSERT INTO submissions (key, fingerprint, account, status, answer, receipt_id,"
            " accepted_at, body, requests) VALUES (?, ?, ?, ?, ?, ?, ?, ?, 1)",
            (
                key,
                fingerprint,
                number,
                status,
                content,
                receipt_id,
                now.isoformat(),
                orjson.dumps(dict(submission.values)).decode(),
            ),
        )
        return Answer(status, content, fresh=True)

    def _store(self, number: str, period: Period, today: date, submission: Submission) -> str:
        for meter_id, value in submission.values:
            self._db.execute(
                "UPDATE readings SET counts = 0"
                " WHERE account = ? AND meter_id = ? AND period = ? AND counts = 1",
                (number, meter_id, period.month),
            )
            self._db.execute(
                "INSERT INTO readings (account, meter_id, period, date, value, channel, counts)"
                " VALUES (?, ?, ?, ?, ?, ?, 1)",
                (number, meter_id, period.month, today.isoformat(), value, submission.channel),
            )
        last = self._db.execute("SELECT coalesce(max(id), 0) FROM submissions").fetchone()[0]
        return f"{period.month}-{last + 1:06d}"

    def _previous(self, number: str, meter_id: str, period: Period) -> Previous | None:
        """Readings of this very period don't bind: a later one may correct them downwards."""
        row = self._db.execute(
            "SELECT value, date FROM readings"
            " WHERE account = ? AND meter_id = ? AND counts = 1 AND period < ?"
            " ORDER BY date DESC, id DESC LIMIT 1",
            (number, meter_id, period.month),
        ).fetchone()
        return Previous(Decimal(row[0]), date.fromisoformat(row[1])) if row else None

    def _meter(self, account: Account, meter_id: str, today: date) -> dict[str, Any]:
        meter = account.meters[meter_id]
        last = self._db.execute(
            "SELECT value, date FROM readings WHERE account = ? AND meter_id = ? AND counts = 1"
            " ORDER BY date DESC, id DESC LIMIT 1",
            (account.number, meter_id),
        ).fetchone()
        expired = is_expired(meter, today)
        refusal = meter.refusal or ("истёк срок поверки" if expired else None)
        return {
            "id": meter.id,
            "number": meter.number,
            "service": meter.service,
            "place": meter.place,
            "unit": meter.unit,
            "integer_digits": meter.integer_digits,
            "decimal_digits": meter.decimal_digits,
            "last_reading": last[0] if last else None,
            "last_reading_date": last[1] if last else None,
            "next_verification_date": meter.verification.isoformat()
            if meter.verification
            else None,
            "average_monthly": str(meter.average) if meter.average is not None else None,
            "accepts_readings": refusal is None,
            "refusal": refusal,
        }

    def _plant(self) -> None:
        """What was read before the demo began always belongs to earlier periods."""
        before = (self.today().replace(day=1) - timedelta(days=1)).strftime("%Y-%m")
        with self._transaction():
            self._db.execute("DELETE FROM readings")
            self._db.execute("DELETE FROM submissions")
            self._db.executemany(
                "INSERT INTO readings (account, meter_id, period, date, value, channel, counts)"
                " VALUES (?, ?, ?, ?, ?, NULL, 1)",
                [
                    (
                        reading.account,
                        reading.meter_id,
                        min(f"{reading.date:%Y-%m}", before),
                        reading.date.isoformat(),
                        reading.value,
                    )
                    for reading in self._seeds.readings
                ],
            )

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")


def _period_json(period: Period) -> dict[str, Any]:
    return {
        "month": period.month,
        "opens": period.opens.isoformat(),
        "closes": period.closes.isoformat(),
        "open": period.open,
    }


def _fingerprint(number: str, submission: Submission) -> str:
    content = orjson.dumps([number, submission.channel, submission.submitted_at, submission.values])
    return hashlib.sha256(content).hexdigest()
