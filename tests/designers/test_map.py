"""The pictures of the conversation: everything is in them, nothing lies on anything else."""

from __future__ import annotations

import random
import re
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.designers.project_copy import ROOT, ProjectCopy
from tools.check_talk.checks import check
from tools.check_talk.project import Project
from tools.map.drawing import svg
from tools.map.graph import rules_graph, story_graph
from tools.map.labels import Labels, typical
from tools.map.layout import layout
from tools.map.page import draw
from tools.map.wording import labels


@pytest.fixture(scope="module")
def project() -> Project:
    found = check(ROOT).project
    assert found is not None
    return found


@pytest.fixture(scope="module")
def drawn(project: Project, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("map")
    draw(project, folder)
    return folder


def test_every_feature_has_a_picture_that_is_well_formed(project: Project, drawn: Path) -> None:
    features = {flow.place.file.split("/")[1] for flow in project.flows}
    for feature in features:
        ElementTree.parse(drawn / f"{feature}.svg")  # noqa: S314 (we drew it ourselves)
        assert f'id="{feature}"' in (drawn / "index.html").read_text(encoding="utf-8")


def test_every_wish_text_action_and_form_of_the_rules_is_drawn_with_its_place(
    project: Project,
) -> None:
    graph = rules_graph(project, [flow for flow in project.flows if flow.kind == "rule"])
    hints = [node.hint.splitlines() for node in graph.nodes.values()]
    names = {line for hint in hints for line in hint}
    hidden = {*labels()["hidden"]}
    for flow in project.flows:
        if flow.kind == "rule":
            for step in flow.steps:
                if step.kind in ("intent", "action") and step.name not in hidden:
                    assert step.name in names, (flow.name, step.name)
    assert all(any(":" in line for line in hint) for hint in hints)


def test_blocks_speak_russian(project: Project) -> None:
    graph = rules_graph(project, project.flows)
    words = [line for node in graph.nodes.values() for line in (node.label, *node.lines)]
    latin = [line for line in words if line.isascii()]
    assert latin == []


def test_a_wish_is_called_by_a_short_phrase_that_others_repeat() -> None:
    phrases = ["как бы мне передать показания", "перидать показания", "😱 показания", "передать"]
    assert typical([*phrases, "передать показания", "хочу передать показания"]) == (
        "передать показания"
    )
    assert typical(["🙏"]) == "🙏"


def test_no_wish_of_the_project_has_an_odd_name(project: Project) -> None:
    names = Labels(project)
    said = {intent: names.intent(intent).strip("«»?") for intent in project.names("intents")}
    longest = max(said.values(), key=len)
    assert len(longest) <= 45, longest
    assert all(re.search("[а-я]{2}", name) for name in said.values()), said


def test_buttons_stand_under_what_the_bot_says_and_the_menu_is_shown(project: Project) -> None:
    graph = rules_graph(project, [flow for flow in project.flows if flow.kind == "rule"])
    menu = [node for node in graph.nodes.values() if "utter_main_menu" in node.hint.split("\n")]
    buttons = project.responses["utter_main_menu"].variations[0].buttons
    assert [node.lines for node in menu] == [[button.title for button in buttons]]
    drawn = svg(graph, name="all")
    assert all(f"▸ {button.title}" in drawn for button in buttons)


def test_no_arrow_is_drawn_over_its_words(project: Project) -> None:
    drawn = svg(rules_graph(project, project.flows), name="all")
    assert drawn.count('class="when"') > 0
    assert drawn.rindex('class="arrow"') < drawn.index('class="under"')


def test_no_words_of_the_project_lie_on_others(drawn: Path) -> None:
    place = re.compile(r'"under" x="(.+?)" y="(.+?)" width="(.+?)" height="(.+?)"')
    seen = 0
    for path in drawn.glob("*.svg"):
        found = place.findall(path.read_text(encoding="utf-8"))
        boxes = [tuple(float(value) for value in one) for one in found]
        seen += len(boxes)
        for at, (x, y, width, height) in enumerate(boxes):
            for left, top, wide, high in boxes[at + 1 :]:
                beside = x + width <= left or left + wide <= x
                assert beside or y + height + 2 <= top or top + high + 2 <= y, path.name
    assert seen > 0


def test_a_story_is_called_in_russian_and_leads_to_its_file(project: Project, drawn: Path) -> None:
    page = (drawn / "index.html").read_text(encoding="utf-8")
    for flow in project.flows:
        if flow.kind == "story":
            assert flow.name not in page
            assert f"{flow.place.file}:{flow.place.line}" in page


def test_paths_that_part_say_when(project: Project) -> None:
    graph = rules_graph(project, [flow for flow in project.flows if flow.kind == "rule"])
    leaving: dict[str, list[str]] = {}
    for edge in graph.edges.values():
        leaving.setdefault(edge.source, []).append(edge.label)
    unsaid = {source: found for source, found in leaving.items() if len(found) > 1 and "" in found}
    assert unsaid == {}


def test_a_story_is_a_chain(project: Project) -> None:
    for flow in project.flows:
        if flow.kind == "story":
            graph = story_graph(project, flow)
            assert len(graph.edges) == len(graph.nodes) - 1


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 14), st.integers(0, 10_000))
def test_blocks_never_overlap_whatever_the_graph(count: int, seed: int) -> None:
    dice = random.Random(seed)
    names = [f"n{number}" for number in range(count)]
    sizes = {name: (dice.uniform(20, 240), dice.uniform(20, 90)) for name in names}
    links = list(
        {(dice.choice(names), dice.choice(names)) for _ in range(dice.randint(0, 2 * count))}
        if names
        else set()
    )
    links = [(source, target) for source, target in links if source != target]
    placed = layout(sizes, links, set(links[:3]))
    boxes = list(placed.boxes.values())
    assert set(placed.boxes) == set(names)
    for at, one in enumerate(boxes):
        assert one.x >= 0
        assert one.y >= -0.01
        assert one.y + one.height <= placed.height + 0.01
        for other in boxes[at + 1 :]:
            beside = one.x + one.width <= other.x or other.x + other.width <= one.x
            apart = one.y + one.height <= other.y + 0.01 or other.y + other.height <= one.y + 0.01
            assert beside or apart


def test_a_new_rule_is_in_the_picture(copied: ProjectCopy, tmp_path: Path) -> None:
    copied.change(
        "data/help/rules.yml", "      - action: utter_thank\n", "      - action: utter_contacts\n"
    )
    changed = check(copied.root).project
    copied.restore()
    assert changed is not None
    draw(changed, tmp_path)
    assert "Рад помочь" not in (tmp_path / "help.svg").read_text(encoding="utf-8")
