"""The benchmark's verdicts: ratios round by round, targets that can be missed, a city's needs."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from benchmarks.speed.database import is_statement, shapes
from benchmarks.speed.dialogue import Timing
from benchmarks.speed.figures import Spread, latencies, percentile
from benchmarks.speed.options import QUICK, read_options
from benchmarks.speed.profile import by_function, by_part
from benchmarks.speed.report import report
from benchmarks.speed.scaling import City, Costs, city
from benchmarks.speed.summary import summary
from benchmarks.speed.turns import Counted

KINDS = ("button", "free text", "reading", "confirm")


def load(rate: float, cpu: float) -> dict[str, Any]:
    return {
        "messages per second": rate,
        "bot CPU ms": cpu,
        "database CPU ms": 2.0,
        "client CPU ms": 1.0,
        "WAL bytes": 9000,
        "stored bytes": 3000,
        "WAL flushes": 3,
        "WAL flush ms": 0.5,
        "acknowledged": {"p50": 3.0, "p99": 12.0, "count": 10},
        "other answers than expected": 0,
        "no answer": 0,
    }


def figures(p50: float) -> dict[str, Any]:
    return {kind: {"p50": p50, "p95": 2 * p50, "p99": 3 * p50, "count": 9} for kind in KINDS}


def variant(p50: float, rate: float, cpu: float) -> dict[str, Any]:
    return {
        "alone": figures(p50),
        "loads": {"50": load(rate, cpu), "500": load(rate, cpu)},
        "half load": {"milliseconds": {**figures(p50), "all": figures(p50)["button"]}},
    }


@pytest.fixture
def result() -> dict[str, Any]:
    variants = {"a": (60.0, 20.0, 50.0), "b": (30.0, 40.0, 25.0), "c": (10.0, 160.0, 5.0)}
    statements = {kind: 5.0 for kind in KINDS}
    return {
        "started": "2026-01-01T00:00:00+00:00",
        "machine": {"cores": 2, "processor": "test", "busy with nothing to do, %": 1.0},
        "options": {"residents": [50, 500], "seconds": 12.0},
        "rounds": [{key: variant(*given) for key, given in variants.items()} for _ in range(5)],
        "alone, ms": {key: figures(given[0]) for key, given in variants.items()},
        "together, ms": {key: figures(given[0]) for key, given in variants.items()},
        "half load, p99 in p50 of the round": {key: 3.0 for key in variants},
        "half load, ms": {
            key: {**figures(given[0]), "all": figures(given[0])["button"]}
            for key, given in variants.items()
        },
        "start to ready, s": {"a": [50.0], "b": [14.0], "c": [5.0]},
        "memory, MB": {
            "loaded": {key: [{"name": "x", "pss": 500.0, "rss": 600.0}] for key in variants}
        },
        "statements": {
            key: {"typical turn": statements, "mean with BEGIN, COMMIT and pings": statements}
            for key in variants
        },
        "growth": {
            key: {"turns": 2000 if key == "c" else 200, "ratio": 1.0 if key == "c" else 5.0}
            for key in variants
        },
        "processes": [{"processes": 1, "messages per second": 160.0}],
    }


def test_ratios_are_taken_round_by_round(result: dict[str, Any]) -> None:
    result["rounds"][0]["c"]["loads"]["50"]["messages per second"] = 80.0
    found = summary(result)["ratios"]["c/a"]["messages per second, 50 residents"]
    assert found == {"middle": 8.0, "low": 4.0, "high": 8.0}


def test_every_target_can_be_met(result: dict[str, Any]) -> None:
    assert [one["target"] for one in summary(result)["targets"] if not one["met"]] == []


@pytest.mark.parametrize(
    ("path", "value", "missed"),
    [
        (("rounds", "c", "loads", "50", "messages per second"), 100.0, "throughput"),
        (("rounds", "c", "alone", "reading", "p50"), 25.0, "reading turn"),
        (("half load, p99 in p50 of the round", "c"), 4.1, "half load"),
        (("rounds", "c", "loads", "500", "acknowledged", "p99"), 21.0, "acknowledged p99"),
        (("growth", "c", "ratio"), 1.3, "turn 2000"),
        (("start to ready, s", "c"), [13.0], "start to ready"),
        (("memory, MB", "loaded", "c"), [{"pss": 901.0, "rss": 1.0, "name": "x"}], "memory"),
        (("statements", "c", "typical turn", "confirm"), 7.0, "SQL"),
    ],
)
def test_every_target_can_be_missed(
    result: dict[str, Any], path: tuple[str, ...], value: Any, missed: str
) -> None:
    first, *between, last = path
    for part in copy.copy(result[first]) if first == "rounds" else [result[first]]:
        for name in between:
            part = part[name]
        if isinstance(part[last], dict):
            part[last].update(value)
        else:
            part[last] = value
    named = [one["target"] for one in summary(result)["targets"] if not one["met"]]
    assert named
    assert all(missed in name for name in named)


def test_a_run_of_ours_alone_has_no_ratios(result: dict[str, Any]) -> None:
    for one in result["rounds"]:
        del one["a"], one["b"]
    found = summary(result)
    assert found["ratios"] == {}
    assert all("/a" not in one["target"] for one in found["targets"])


def test_the_report_names_missed_targets(result: dict[str, Any]) -> None:
    result["growth"]["c"]["ratio"] = 2.0
    result["summary"] = summary(result)
    lines = report(result).splitlines()
    assert [line for line in lines if "turn 2000" in line and line.rstrip(" |").endswith("NO")]


def test_a_city_in_the_last_days() -> None:
    # 700 000 accounts with ten messages each in three days
    assert City().average == pytest.approx(7_000_000 / 259_200)
    assert City().rate == pytest.approx(135.03, abs=0.01)


def test_processes_scale_until_the_database_is_the_limit() -> None:
    costs = Costs(bot=5.0, database=2.0, flush=0.1)
    assert costs.rate(1, database_cores=1) == 200
    assert costs.rate(8, database_cores=1) == 500
    assert costs.rate(64, database_cores=64) == 10_000
    assert Costs(bot=5.0, database=2.0, flush=0).rate(64, database_cores=64) == 12_800


def test_what_a_city_keeps_busy(result: dict[str, Any]) -> None:
    found = city(result)
    assert found["computed: messages per second and core of the bot"] == 200
    assert found["computed: cores busy in the peak hour, bot"] == pytest.approx(0.68, abs=0.01)
    assert found["processes"]["1"]["measured on this machine"] == [160.0]


def test_percentiles_of_timings() -> None:
    times = [Timing("button", number / 1000, None, 0.0) for number in range(1, 101)]
    assert latencies(times)["button"] == {"p50": 51.0, "p95": 96.0, "p99": 100.0, "count": 100}
    assert percentile([7.0], 0.99) == 7.0
    assert Spread.of([3.0, 1.0, 2.0]) == Spread(2.0, 1.0, 3.0)


def test_statements_without_their_transactions() -> None:
    logged = ["BEGIN;", "SELECT 1", "COMMIT", "commit;", "", "INSERT INTO begin VALUES (1)"]
    assert [sql for sql in logged if is_statement(sql)] == [
        "SELECT 1",
        "INSERT INTO begin VALUES (1)",
    ]
    assert shapes(["SELECT 1", "SELECT 22", "SELECT 'x'"]) == {"SELECT ?": 3}


def test_the_quick_form_can_be_changed_in_parts() -> None:
    options = read_options(["--quick", "--rounds", "3"])
    assert (options.rounds, options.residents) == (3, QUICK.residents)
    assert read_options([]).rounds == 5


def test_what_an_idle_bot_does_is_no_part_of_a_turn() -> None:
    counted = Counted()
    for _ in range(4):
        counted.add(["SELECT 1", "poll", "poll", "poll"], seconds=2.0)
    # The queue polls once a second anyway: one poll of three belongs to the turn.
    assert counted.mean({"poll": 1.0}) == {"SELECT ?": 1.0, "poll": 1.0}


def test_a_rare_statement_is_in_the_mean_but_not_in_the_typical_turn() -> None:
    counted = Counted()
    for rare in ([], [], ["heartbeat"] * 4):
        counted.add(["SELECT 1", "SELECT 2", *rare], seconds=0.5)
    assert counted.typical({}) == {"SELECT ?": 2.0}
    assert counted.mean({"heartbeat": 2.0}) == {"SELECT ?": 2.0, "heartbeat": 0.33}


def test_a_sample_belongs_to_the_innermost_part_it_stands_in() -> None:
    stacks = [
        "serve (sanic/server/runners.py:1);handle (rasa/core/agent.py:2);run (actions/help.py:3) 5",
        "serve (sanic/server/runners.py:1);run (actions/help.py:3);dumps (json/__init__.py:4) 3",
        "serve (sanic/server/runners.py:1) 2",
        "start (threading.py:1) 1",
    ]
    assert by_part(stacks) == {"our actions": 8, "event loop": 2, "the rest": 1}
    assert by_function(stacks, inclusive=True)["run (actions/help.py"] == 8
    assert by_function(stacks, inclusive=False)["run (actions/help.py"] == 5
