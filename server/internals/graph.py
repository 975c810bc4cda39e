"""Runs Rasa's prediction graph directly: its nodes in order, without a scheduler for each of them.

Rasa plans every prediction anew with dask, which costs more than the nodes of a light pipeline do.
The nodes, their order and what they are given stay the same.
"""

from __future__ import annotations

from typing import Any

from rasa.engine.exceptions import GraphRunError
from rasa.engine.graph import GraphSchema
from rasa.engine.runner.dask import DaskGraphRunner

from server.internals import check_version

# The nodes to run for the same targets, planned once: (name, names of what it needs).
Plan = list[tuple[str, tuple[str, ...]]]


def run_directly() -> None:
    """Applies the change; harmless when called again.

    Raises:
        UnknownRasaVersion: nothing was changed.
    """
    check_version()
    DaskGraphRunner.run = _run


def _run(
    self: DaskGraphRunner,
    inputs: dict[str, Any] | None = None,
    targets: list[str] | None = None,
) -> dict[str, Any]:
    inputs = inputs or {}
    nodes = self._instantiated_nodes
    for value in inputs.values():
        if isinstance(value, str) and value in nodes:
            raise GraphRunError(f"Input value '{value}' clashes with a node name.")
    wanted = tuple(targets or self._graph_schema.target_names)
    done: dict[str, Any] = {name: (name, value) for name, value in inputs.items()}
    for name, needs in _plan(self, wanted):
        # A need that nobody provides is passed by its name, as dask does; the node then complains.
        done[name] = nodes[name](*[done.get(need, need) for need in needs])
    return dict(done[name] for name in wanted)


def _plan(runner: DaskGraphRunner, targets: tuple[str, ...]) -> Plan:
    plans: dict[tuple[str, ...], Plan] = runner.__dict__.setdefault("_plans", {})
    if targets not in plans:
        plans[targets] = _in_order(runner._graph_schema.minimal_graph_schema(list(targets)))
    return plans[targets]


def _in_order(schema: GraphSchema) -> Plan:
    ordered: Plan = []
    placed: set[str] = set()

    def place(name: str) -> None:
        if name in placed or name not in schema.nodes:
            return
        placed.add(name)
        needs = tuple(schema.nodes[name].needs.values())
        for need in needs:
            place(need)
        ordered.append((name, needs))

    for name in schema.nodes:
        place(name)
    return ordered
