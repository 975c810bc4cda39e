"""The notices over the phones of the emulator's page."""

from __future__ import annotations

import httpx

MAX_TEXT = 3900


class Page:
    """Shows notices; one that can't be shown is no reason to stop."""

    def __init__(self, emulator_url: str) -> None:
        self._url = f"{emulator_url}/api/banner"
        self._shown: dict[str, str] = {}
        self._http = httpx.AsyncClient(timeout=5, trust_env=False)

    async def show(self, kind: str, text: str = "") -> None:
        """Shows or replaces the notice of a kind; without a text takes it away."""
        if self._shown.get(kind, "") == text:
            return
        try:
            body = {"kind": kind, "text": text[:MAX_TEXT]}
            (await self._http.post(self._url, json=body)).raise_for_status()
            self._shown[kind] = text
        except httpx.HTTPError:
            self._shown.pop(kind, None)

    async def close(self) -> None:
        """Closes the connection."""
        await self._http.aclose()
