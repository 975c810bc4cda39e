"""Numbers that put the word after them into its form: {count:фраза|фразы|фраз}."""

from __future__ import annotations

from typing import Any

_LAST_TWO, _LAST = 100, 10


class Count(int):
    """A number; three forms joined by «|» as its format give it with the right one of them."""

    def __format__(self, forms: str) -> str:
        if "|" not in forms:
            return super().__format__(forms)
        one, few, many = forms.split("|")
        last_two, last = abs(self) % _LAST_TWO, abs(self) % _LAST
        if last == 1 and last_two != 11:
            return f"{int(self)} {one}"
        if 2 <= last <= 4 and not 12 <= last_two <= 14:
            return f"{int(self)} {few}"
        return f"{int(self)} {many}"


def counting(values: dict[str, Any]) -> dict[str, Any]:
    """The values of a sentence, whole numbers among them as `Count`."""
    return {
        name: Count(value) if isinstance(value, int) and not isinstance(value, bool) else value
        for name, value in values.items()
    }
