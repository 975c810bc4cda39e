"""Phrases come into the right file and every other byte stays."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.files import Changed, NotWritable, ProjectFiles
from studio.phrases import (
    Gone,
    Phrases,
    Refused,
    UnknownIntent,
    bare,
    blocks,
    clean,
    insert,
    take_out,
)
from tests.studio.studio_fakes import FILES, add

OWN = "Из переписки"
HELP = FILES["data/help/nlu.yml"]


@pytest.fixture
def phrases(project: Path) -> Phrases:
    return Phrases(ProjectFiles(project), OWN)


def content(project: Path, feature: str = "help") -> str:
    return (project / f"data/{feature}/nlu.yml").read_bytes().decode()


def reasons(caught: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [one.reason for one in caught.value.refusals]


def test_new_phrases_stand_in_a_block_of_their_own(project: Path, phrases: Phrases) -> None:
    written = add(phrases, "thank", ["премного благодарен", "мерси"])
    assert written.file == "data/help/nlu.yml"
    assert written.added == ["премного благодарен", "мерси"]
    assert content(project) == HELP.replace(
        "      - благодарю  # это часть фразы\n",
        "      - благодарю  # это часть фразы\n"
        "\n  # Из переписки\n  - intent: thank\n    examples: |\n"
        "      - премного благодарен\n      - мерси\n",
    )
    assert content(project, "accounts") == FILES["data/accounts/nlu.yml"]


def test_later_ones_join_them(project: Path, phrases: Phrases) -> None:
    add(phrases, "complaint", ["холодно"])
    add(phrases, "complaint", ["совсем холодно"])
    assert content(project) == HELP + (
        "\n  # Из переписки\n  - intent: complaint\n    examples: |\n"
        "      - холодно\n      - совсем холодно\n"
    )


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("end", ["", "\n"])
def test_line_ends_stay_as_they_are(newline: str, end: str) -> None:
    before = (HELP.rstrip("\n") + end).replace("\n", newline)
    after = insert(before, Path("x"), "complaint", ["холодно"], OWN)
    assert after.startswith(before.rstrip("\r\n"))
    assert after.count("\n") == after.count(newline)
    assert after.endswith("\n") == bool(end)
    assert yaml.safe_load(after)["nlu"][-1]["examples"].strip() == "- холодно"


def test_a_phrase_that_is_there_already_is_not_written_again(
    project: Path, phrases: Phrases
) -> None:
    written = add(phrases, "thank", ["Спасибо!", "мерси", "МЕРСИ"])
    assert (written.known, written.added, written.repeated) == (["Спасибо!"], ["мерси"], ["МЕРСИ"])
    again = content(project)
    assert add(phrases, "thank", ["мерси"]).added == []
    assert content(project) == again


def test_a_phrase_of_another_intent_is_refused_with_its_place(
    project: Path, phrases: Phrases
) -> None:
    with pytest.raises(Refused) as caught:
        add(phrases, "thank", ["мерси", "Нет воды!"])
    (refusal,) = caught.value.refusals
    assert (refusal.reason, refusal.intent) == ("elsewhere", "complaint")
    assert refusal.place == "data/help/nlu.yml:13"
    assert content(project) == HELP


def test_a_phrase_that_measures_is_refused(project: Path, phrases: Phrases) -> None:
    with pytest.raises(Refused) as caught:
        add(phrases, "thank", ["Большое человеческое спасибо"])
    assert reasons(caught) == ["measured"]
    assert caught.value.refusals[0].place == "tests/nlu/test.tsv:2"
    assert content(project) == HELP


@pytest.mark.parametrize(
    ("phrase", "reason"),
    [
        ("", "empty"),
        (" \n\t", "empty"),
        ("-/ ", "empty"),
        ("а" * 201, "too_long"),
        ("706 001-23", "number"),
    ],
    ids=["nothing", "spaces", "signs", "too long", "a number"],
)
def test_what_nobody_can_learn_from_is_refused(
    project: Path, phrases: Phrases, phrase: str, reason: str
) -> None:
    with pytest.raises(Refused) as caught:
        add(phrases, "thank", [phrase])
    assert reasons(caught) == [reason]
    assert content(project) == HELP


def test_a_sum_among_the_phrases_lets_no_number_in(project: Path, phrases: Phrases) -> None:
    path = project / "data/help/nlu.yml"
    path.write_text(HELP.replace("- спасибо", "- 2+2"), encoding="utf-8")
    with pytest.raises(Refused) as caught:
        add(phrases, "thank", ["12345"])
    assert reasons(caught) == ["number"]


@pytest.mark.parametrize("phrase", ["👍", "+", "?"])
def test_a_sign_may_be_all_that_is_said(phrases: Phrases, phrase: str) -> None:
    assert add(phrases, "thank", [phrase]).added == [phrase]


def test_a_number_may_stand_where_numbers_stand(project: Path, phrases: Phrases) -> None:
    path = project / "data/help/nlu.yml"
    path.write_text(HELP.replace("- спасибо", "- 12345"), encoding="utf-8")
    assert add(phrases, "thank", ["67890"]).added == ["67890"]


def test_nothing_at_all_is_refused(phrases: Phrases) -> None:
    with pytest.raises(Refused):
        add(phrases, "thank", [])


@pytest.mark.parametrize("intent", ["nlu_fallback", "", "../../etc/passwd", "thank\n  - intent: x"])
def test_an_intent_without_phrases_is_no_target(phrases: Phrases, intent: str) -> None:
    with pytest.raises(UnknownIntent):
        add(phrases, intent, ["мерси"])


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("/affirm", "affirm"),
        ("- - список", "список"),
        ("[7060](account) мой", "7060 мой"),
        ('[7060]{"entity": "account"} мой', "7060 мой"),
        ("раз\nдва\x00три\u2028четыре", "раз два три четыре"),
        ("«воды: нет» # совсем", "«воды: нет» # совсем"),
    ],
)
def test_a_phrase_becomes_one_plain_line(typed: str, written: str) -> None:
    assert clean(typed) == written


@settings(max_examples=150, deadline=None)
@given(st.lists(st.text(max_size=40), min_size=1, max_size=4))
def test_whatever_was_typed_only_it_comes_to_the_file(typed: list[str]) -> None:
    wanted = [phrase for phrase in map(clean, typed) if bare(phrase)]
    if not wanted:
        return
    after = insert(HELP, Path("x"), "thank", wanted, OWN)
    before, now = yaml.safe_load(HELP)["nlu"], yaml.safe_load(after)["nlu"]
    assert [block for block in now if block not in before] == [now[1]]
    assert now[1]["examples"].splitlines() == [f"- {phrase}" for phrase in wanted]
    lines = iter(after.splitlines(keepends=True))
    assert all(line in lines for line in HELP.splitlines(keepends=True))


def test_a_file_that_is_written_unusually_is_left_alone(project: Path, phrases: Phrases) -> None:
    path = project / "data/help/nlu.yml"
    unusual = 'version: "3.1"\nnlu:\n- intent: thank\n  examples: |\n    - спасибо\n- {intent: x}\n'
    path.write_text(unusual)
    assert add(phrases, "thank", ["мерси"]).added == ["мерси"]
    assert yaml.safe_load(path.read_text())["nlu"][0] == {
        "intent": "thank",
        "examples": "- спасибо\n",
    }
    with pytest.raises(UnknownIntent):
        add(phrases, "x", ["мерси боку"])


def test_a_file_that_somebody_changes_meanwhile_is_not_overwritten(project: Path) -> None:
    path = project / "data/help/nlu.yml"
    with pytest.raises(Changed):
        ProjectFiles(project).replace(path, b"something else", b"new")
    assert content(project) == HELP
    assert list(path.parent.iterdir()) == [path]


def test_nothing_outside_the_project_is_written(project: Path, tmp_path_factory) -> None:
    outside = tmp_path_factory.mktemp("outside") / "nlu.yml"
    outside.write_bytes(b"old")
    linked = project / "data/help/nlu.yml"
    linked.unlink()
    linked.symlink_to(outside)
    with pytest.raises(NotWritable):
        ProjectFiles(project).replace(linked, b"old", b"new")
    assert outside.read_bytes() == b"old"


def test_permissions_stay(project: Path, phrases: Phrases) -> None:
    path = project / "data/help/nlu.yml"
    os.chmod(path, 0o640)
    add(phrases, "thank", ["мерси"])
    assert path.stat().st_mode & 0o777 == 0o640


def test_the_projects_own_phrases_are_all_found() -> None:
    root = Path(__file__).parents[2]
    for path in ProjectFiles(root).phrases().values():
        found = [(b.intent, e.phrase) for b in blocks(path) for e in b.examples]
        lines = [
            (block["intent"], line)
            for block in yaml.load(path.read_text("utf-8"), yaml.CSafeLoader)["nlu"]
            for line in block["examples"].splitlines()
        ]
        assert len(found) == len(lines)
        assert [intent for intent, _ in found] == [intent for intent, _ in lines]


def test_an_assignment_is_taken_back_to_the_letter(project: Path, phrases: Phrases) -> None:
    first = add(phrases, "complaint", ["холодно"])
    alone = content(project)
    second = add(phrases, "complaint", ["совсем холодно", "мёрзнем"])
    phrases.take_back(second)
    assert content(project) == alone
    phrases.take_back(first)
    assert content(project) == HELP


def test_what_others_have_written_meanwhile_stays(project: Path, phrases: Phrases) -> None:
    done = add(phrases, "thank", ["мерси"])
    add(phrases, "complaint", ["холодно"])
    path = project / "data/help/nlu.yml"
    path.write_text(content(project).replace("- спасибо", "- спасибо вам  # рукой"), "utf-8")
    phrases.take_back(done)
    assert content(project) == HELP.replace("- спасибо", "- спасибо вам  # рукой") + (
        "\n  # Из переписки\n  - intent: complaint\n    examples: |\n      - холодно\n"
    )


def test_a_phrase_that_was_changed_meanwhile_is_not_taken_back(
    project: Path, phrases: Phrases
) -> None:
    done = add(phrases, "thank", ["мерси", "мерси вам"])
    path = project / "data/help/nlu.yml"
    path.write_text(content(project).replace("мерси вам", "мерси всем"), "utf-8")
    changed = content(project)
    with pytest.raises(Gone):
        phrases.take_back(done)
    assert content(project) == changed


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.text(max_size=30), min_size=1, max_size=4),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from(["", "\n", "\n\n"]),
    st.sampled_from(["thank", "complaint"]),
)
def test_taking_out_undoes_writing(typed: list[str], newline: str, end: str, intent: str) -> None:
    wanted = list({bare(one): one for one in map(clean, typed) if bare(one)}.values())
    before = (HELP.rstrip("\n") + end).replace("\n", newline)
    if wanted:
        after = insert(before, Path("x"), intent, wanted, OWN)
        assert take_out(after, Path("x"), intent, wanted, OWN) == before


def test_a_recorded_phrase_moves_to_another_intent_and_back(
    project: Path, phrases: Phrases
) -> None:
    add(phrases, "thank", ["счета покажи", "мерси"])
    recorded = content(project)
    moved = add(phrases, "list_accounts", ["счета покажи", "мои счета где"])
    assert [(one.phrase, one.intent) for one in moved.moved] == [("счета покажи", "thank")]
    assert (moved.added, moved.file) == (["мои счета где"], "data/accounts/nlu.yml")
    assert content(project) == recorded.replace("      - счета покажи\n", "")
    assert "- счета покажи\n" in content(project, "accounts")
    phrases.take_back(moved)
    assert content(project, "accounts") == FILES["data/accounts/nlu.yml"]
    assert content(project).replace("      - мерси\n      - счета покажи\n", "") == (
        recorded.replace("      - счета покажи\n      - мерси\n", "")
    )


def test_within_one_file_a_phrase_moves_as_well(project: Path, phrases: Phrases) -> None:
    add(phrases, "thank", ["холодно"])
    add(phrases, "complaint", ["холодно"])
    assert content(project) == HELP + (
        "\n  # Из переписки\n  - intent: complaint\n    examples: |\n      - холодно\n"
    )


def test_a_phrase_of_the_same_heading_that_was_there_before_does_not_move(project: Path) -> None:
    add(Phrases(ProjectFiles(project), OWN), "thank", ["холодно"])
    recorded = content(project)
    later = Phrases(ProjectFiles(project), OWN)
    with pytest.raises(Refused) as caught:
        add(later, "complaint", ["холодно"])
    assert reasons(caught) == ["elsewhere"]
    assert content(project) == recorded


def test_if_one_of_two_files_cant_be_written_neither_is(
    project: Path, phrases: Phrases, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(phrases, "thank", ["счета покажи"])
    recorded, replace = content(project), os.replace

    def refuse(source: str, target: Path) -> None:
        if "accounts" in str(target):
            raise PermissionError(13, "no")
        replace(source, target)

    monkeypatch.setattr("studio.files.os.replace", refuse)
    with pytest.raises(NotWritable):
        add(phrases, "list_accounts", ["счета покажи"])
    assert content(project) == recorded
    assert content(project, "accounts") == FILES["data/accounts/nlu.yml"]
