"""Strategies for JSON that tries to break a parser."""

from __future__ import annotations

import copy
from typing import Any

from hypothesis import strategies as st

scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from([2**31, 2**63, 2**64, -(2**64), 10**400, 0, -1, 2_000_000_001])
    | st.floats()
    | st.text(st.characters(codec=None), max_size=20)
    | st.sampled_from(
        ["\x00", "\ud800", "1\x002", "text", '{"b":"q.1"}', '{"command":"start"}', "{", "я" * 300]
    )
)

values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)


def paths(sample: Any, prefix: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The path of every value inside the sample."""
    found: list[tuple[Any, ...]] = [prefix] if prefix else []
    if isinstance(sample, (dict, list)):
        children = sample.items() if isinstance(sample, dict) else enumerate(sample)
        for key, child in children:
            found += paths(child, (*prefix, key))
    return found


def broken(sample: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    """The sample with up to three of its values replaced by hostile ones or removed."""

    def apply(changes: list[tuple[tuple[Any, ...], Any, bool]]) -> dict[str, Any]:
        result = copy.deepcopy(sample)
        for path, value, remove in changes:
            target: Any = result
            for key in path[:-1]:
                target = target[key] if isinstance(target, dict) and key in target else None
            if isinstance(target, dict):
                if remove:
                    target.pop(path[-1], None)
                else:
                    target[path[-1]] = value
        return result

    change = st.tuples(st.sampled_from(paths(sample)), values, st.booleans())
    return st.lists(change, min_size=1, max_size=3).map(apply)
