"""VK's API as far as the client's tests need it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import httpx

from demo.emulator.vk_execute import read_script

TOKEN = "vk1.a.very-secret"
API = "https://api.vk.test/method"


@dataclass
class FakeVk:
    """Answers by method; a list gives one answer after the other, an exception is raised."""

    answers: dict[str, Any] = field(default_factory=dict)
    requests: list[httpx.Request] = field(default_factory=list)

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        await request.aread()
        self.requests.append(request)
        method = request.url.path.rsplit("/", 1)[-1]
        answer = self.answers.get(method, {"response": 100 + len(self.requests)})
        if isinstance(answer, list):
            answer = answer.pop(0)
        if callable(answer):
            answer = answer(request)
        if isinstance(answer, Exception):
            raise answer
        if isinstance(answer, httpx.Response):
            return answer
        return httpx.Response(200, json=answer)

    def forms(self, method: str = "messages.send") -> list[httpx.QueryParams]:
        return [
            httpx.QueryParams(request.content.decode())
            for request in self.requests
            if request.url.path.endswith(f"/{method}")
        ]

    def batches(self) -> list[list[dict[str, str]]]:
        """The parameters of the messages in each `execute`."""
        return [read_script(form["code"]) for form in self.forms("execute")]


def error(code: Any, message: str = "error") -> dict[str, Any]:
    return {"error": {"error_code": code, "error_msg": message, "request_params": []}}
