"""VK's `execute`: of its language only a list of calls of messages.send runs here.

https://dev.vk.com/ru/method/execute
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

from demo.emulator.faults import SPOILING, Fault, Faults
from demo.emulator.vk_checks import VkError
from demo.emulator.vk_parameters import Parameters

MAX_CALLS = 25
METHOD = "messages.send"
_BEGIN, _CALL, _NEXT, _END = "return [", f"API.{METHOD}(", "),", ")];"
_LINE_ENDS = ("\u2028", "\u2029")
_DECODER = json.JSONDecoder()


class Execute:
    """Runs the calls of one script; faults for messages.send meet them one by one."""

    def __init__(self, send: Callable[[Parameters, str], Awaitable[Any]], faults: Faults) -> None:
        """`send` is the method messages.send."""
        self._send = send
        self._faults = faults

    def spoiled(self, parameters: Parameters) -> Fault | None:
        """Uses up and returns the fault that spoils the whole call because of one in it."""
        try:
            messages = read_script(parameters.get("code", ""))
        except VkError:
            return None
        found = (
            self._faults.for_api("vk", METHOD, message.get("peer_id", ""), SPOILING)
            for message in messages
        )
        return next((fault for fault in found if fault is not None), None)

    async def run(self, parameters: Parameters, base_url: str) -> dict[str, Any]:
        """The whole answer; a refused call is `false` in it. Raises VkError 12 or 13."""
        results: list[Any] = []
        errors: list[dict[str, Any]] = []
        for message in read_script(parameters.get("code", "")):
            try:
                fault = self._faults.for_api("vk", METHOD, message.get("peer_id", ""), ("error",))
                if fault is not None:
                    raise VkError(fault.code)
                results.append(await self._send(message, base_url))
            except VkError as error:
                results.append(False)
                errors.append({"method": METHOD, "error_code": error.code, "error_msg": str(error)})
        if not errors:
            return {"response": results}
        # As answers of VK that people have shown: the last error once more, as that of the script.
        return {
            "response": results,
            "execute_errors": [*errors, {**errors[-1], "method": "execute"}],
        }


def read_script(code: str) -> list[dict[str, str]]:
    """The parameters of each call in `return [API.messages.send({…}),…];`.

    Raises:
        VkError: 12 for anything else, 13 for more calls than VK allows.
    """
    if not code.startswith(_BEGIN) or any(end in code for end in _LINE_ENDS):
        raise VkError(12)
    found: list[dict[str, str]] = []
    place, separator = len(_BEGIN), ""
    while separator != _END:
        if not code.startswith(_CALL, place):
            raise VkError(12, f"{_CALL!r} expected at {place}")
        try:
            given, place = _DECODER.raw_decode(code, place + len(_CALL))
        except (ValueError, RecursionError):
            raise VkError(12, "no object") from None
        if not isinstance(given, dict) or not all(type(v) in (str, int) for v in given.values()):
            raise VkError(12, "only text and numbers are understood")
        found.append({name: str(value) for name, value in given.items()})
        separator = _END if code[place:] == _END else _NEXT
        if not code.startswith(separator, place):
            raise VkError(12, f"{_END!r} expected at {place}")
        place += len(separator)
    if len(found) > MAX_CALLS:
        raise VkError(13, "Too many API calls")
    return found
