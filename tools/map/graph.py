"""The paths of a feature as a graph: rules that begin alike share their beginning."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from tools.check_talk.problems import Place
from tools.check_talk.project import Flow, Project, Step
from tools.map.labels import Labels
from tools.map.wording import labels, word


@dataclass
class Node:
    """A block: says, bot, does, form or end; `lines` are a form's questions or a text's buttons."""

    key: str
    kind: str
    label: str
    hint: str
    lines: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Edge:
    """An arrow; `label` says when it is taken."""

    source: str
    target: str
    label: str = ""


@dataclass
class Graph:
    """Blocks in the order of the files, and arrows."""

    nodes: dict[str, Node] = field(default_factory=dict)
    edges: dict[tuple[str, str], Edge] = field(default_factory=dict)


def rules_graph(project: Project, rules: Iterable[Flow]) -> Graph:
    """All rules of a feature in one graph; a form is one block however many rules lead to it."""
    graph, names = Graph(), Labels(project)
    for rule in rules:
        _Drawing(project, graph, names, shared=True).flow(rule)
    return graph


def story_graph(project: Project, story: Flow) -> Graph:
    """A story by itself: a chain."""
    graph = Graph()
    _Drawing(project, graph, Labels(project), shared=False).flow(story)
    return graph


class _Drawing:
    def __init__(self, project: Project, graph: Graph, names: Labels, *, shared: bool) -> None:
        self._project, self._graph, self._names, self._shared = project, graph, names, shared
        self._at: str | None = None
        self._wish = ""
        self._path: list[str] = []
        self._when: list[str] = []

    def flow(self, flow: Flow) -> None:
        form = next((step.name for step in flow.condition if step.kind == "loop"), "")
        if form:
            self._form(form, flow.place)
            self._when = [word("answered")]
        for step in flow.condition:
            if step.kind == "slot":
                self._add_condition(step)
        for step in flow.steps:
            self._step(step, form)

    def _step(self, step: Step, own_form: str) -> None:
        if step.kind == "slot":
            self._add_condition(step)
        elif step.kind == "intent":
            self._wish = step.name
            self._go(step, "says", self._names.intent(step.name))
        elif step.kind != "action" or step.name in labels()["hidden"]:
            return
        elif step.name in self._project.forms:
            # The form that has just ended, or that asks on, is no new step.
            if step.name != own_form and not (self._at or "").endswith(f"form {step.name}"):
                self._form(step.name, step.place)
        elif step.name in labels()["ends"]:
            self._go(step, "end", word("end"))
            menu = labels()["menu"]
            if self._wish == menu["intent"] and menu["says"] in self._project.responses:
                self._go(replace(step, name=menu["says"]), "bot", self._names.action(menu["says"]))
        else:
            kind = "bot" if step.name.startswith("utter_") else "does"
            self._go(step, kind, self._names.action(step.name))

    def _add_condition(self, step: Step) -> None:
        label = self._names.slot(step.name, step.value)
        # A slot that the action before has just emptied parts no paths.
        if label and (step.value is not None or self._at_form()):
            self._when.append(label)

    def _at_form(self) -> bool:
        return self._at is not None and self._graph.nodes[self._at].kind == "form"

    def _go(self, step: Step, kind: str, label: str) -> None:
        self._path.append(f"{step.kind} {step.name} {' '.join(self._when)}")
        key = " / ".join(self._path)
        buttons = self._names.buttons(step.name) if kind == "bot" else []
        hint = "\n".join([label, *buttons, step.name, str(step.place)])
        self._arrive(Node(key, kind, label, hint, buttons))

    def _form(self, name: str, place: Place) -> None:
        key = f"form {name}"
        if not self._shared:
            key = f"{' / '.join(self._path)} / {key}"
        asked = self._names.questions(name)
        hint = "\n".join([self._names.form(name), *asked, name, str(place)])
        self._arrive(Node(key, "form", self._names.form(name), hint, asked))
        self._path.append(key)

    def _arrive(self, node: Node) -> None:
        self._graph.nodes.setdefault(node.key, node)
        if self._at is not None and self._at != node.key:
            # That all is answered goes without saying where something more is told.
            told = [label for label in self._when if label != word("answered")]
            edge = Edge(self._at, node.key, ", ".join(dict.fromkeys(told or self._when)))
            self._graph.edges.setdefault((edge.source, edge.target), edge)
        self._at, self._when = node.key, []
