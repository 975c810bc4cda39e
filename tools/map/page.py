"""The page with the pictures of all features."""

from __future__ import annotations

from html import escape
from pathlib import Path

from tools.check_talk.project import Flow, Project
from tools.map.drawing import CSS, svg
from tools.map.graph import rules_graph, story_graph
from tools.map.labels import Labels
from tools.map.wording import word

KINDS = ("says", "bot", "does", "form")
PAGE = Path(__file__).with_name("page.css").read_text(encoding="utf-8")


def draw(project: Project, folder: Path) -> list[Path]:
    """Writes index.html and one SVG for each feature; returns what was written."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.svg"):
        old.unlink()
    names, sections, links, written = Labels(project), [], [], []
    features: dict[str, list[Flow]] = {}
    for flow in project.flows:
        features.setdefault(flow.place.file.split("/")[1], []).append(flow)
    for feature, flows in features.items():
        title = escape(names.feature(feature))
        rules = rules_graph(project, [flow for flow in flows if flow.kind == "rule"])
        target = folder / f"{feature}.svg"
        target.write_text(svg(rules, name=feature), encoding="utf-8")
        written.append(target)
        links.append(f'<a href="#{feature}">{title}</a>')
        drawn = [f"<h3>{word('rules')}</h3>", _picture(svg(rules, name=feature, alone=False))]
        stories = [flow for flow in flows if flow.kind == "story"]
        if stories:
            drawn.append(f"<h3>{word('stories')}</h3>")
        for at, story in enumerate(stories, start=1):
            graph = story_graph(project, story)
            (folder / f"{feature}-story-{at}.svg").write_text(
                svg(graph, name=f"{feature}-{at}"), encoding="utf-8"
            )
            drawn += [
                f'<h3>{escape(names.story(story))} <span class="story">{story.place}</span></h3>',
                _picture(svg(graph, name=f"{feature}-{at}", alone=False)),
            ]
        body = "\n".join(drawn) if rules.nodes else f"<p>{word('empty')}</p>"
        sections.append(f'<section id="{feature}"><h2>{title}</h2>{body}</section>')
    keys = "\n".join(f'<span class="key {kind}"><i></i>{word(kind)}</span>' for kind in KINDS)
    page = folder / "index.html"
    page.write_text(
        f'<!doctype html><html lang="ru"><head><meta charset="utf-8"><meta name="viewport" '
        f'content="width=device-width"><title>{word("title")}</title>'
        f"<style>{CSS}{PAGE}</style></head><body><header><h1>{word('title')}</h1>"
        f'<p>{word("lead")}</p><nav>{"".join(links)}</nav><div class="keys">{keys}</div></header>'
        f"<main>{''.join(sections)}</main></body></html>",
        encoding="utf-8",
    )
    return [page, *written]


def _picture(drawing: str) -> str:
    return f'<div class="picture" tabindex="0">{drawing}</div>'
