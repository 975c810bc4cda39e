"""Who may use the page: one password, a signed cookie, a token in every change, slow guesses."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from collections.abc import Callable

from itsdangerous import BadSignature, URLSafeTimedSerializer

COOKIE = "studio"
TOKEN_HEADER = "X-Studio-Token"  # noqa: S105 (a name)
SESSION_SECONDS = 12 * 3600
FREE_GUESSES = 3
LONGEST_WAIT = 60.0
# Quiet for so long, the wrong guesses are forgotten.
FORGOTTEN_AFTER = 900.0


class TooManyGuesses(Exception):
    """The next guess is listened to after `seconds`."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"wait {seconds:.0f} s")
        self.seconds = seconds


class Access:
    """Checks passwords, sessions and tokens.

    Keys come from the password, so every process that has it accepts the same sessions, and a new
    password ends them all.
    """

    def __init__(self, password: str, clock: Callable[[], float] = time.monotonic) -> None:
        """`clock` counts seconds."""
        self._password = password.strip().encode()
        self._signer = URLSafeTimedSerializer(self._key("session"))
        self._clock = clock
        self._wrong = 0
        self._last_wrong = 0.0

    def enter(self, password: str) -> str | None:
        """A new session's cookie value for the right password, None for a wrong one.

        Spaces around it come from copying and don't count.

        Raises:
            TooManyGuesses: the guess was not even looked at.
        """
        wait = self._wait()
        if wait > 0:
            raise TooManyGuesses(wait)
        if not hmac.compare_digest(password.strip().encode(), self._password):
            self._wrong += 1
            self._last_wrong = self._clock()
            return None
        self._wrong = 0
        return str(self._signer.dumps(secrets.token_urlsafe(16)))

    def session_of(self, cookie: str | None) -> str | None:
        """The session that the cookie stands for; None if it is missing, forged or too old."""
        if not cookie:
            return None
        try:
            return str(self._signer.loads(cookie, max_age=SESSION_SECONDS))
        except BadSignature:
            return None

    def token_of(self, session: str) -> str:
        """What the page sends with every change; another site can't know it."""
        return hmac.new(self._key("token"), session.encode(), hashlib.sha256).hexdigest()

    def is_token(self, session: str, token: str) -> bool:
        """True if the token belongs to the session."""
        return hmac.compare_digest(self.token_of(session).encode(), token.encode())

    def pseudonym(self, resident: str) -> str:
        """Six characters that stand for a resident and can't be turned back into the id."""
        return hmac.new(self._key("resident"), resident.encode(), hashlib.sha256).hexdigest()[:6]

    def _wait(self) -> float:
        quiet = self._clock() - self._last_wrong
        if quiet > FORGOTTEN_AFTER:
            self._wrong = 0
        if self._wrong < FREE_GUESSES:
            return 0.0
        return min(LONGEST_WAIT, 2.0 ** (self._wrong - FREE_GUESSES)) - quiet

    def _key(self, purpose: str) -> bytes:
        return hmac.new(self._password, f"studio {purpose}".encode(), hashlib.sha256).digest()
