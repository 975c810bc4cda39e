"""«Мои показания» in both messengers: lists, receipts, and a chart that is a real picture."""

from __future__ import annotations

import json
import re
import struct

import httpx

from demo.billing.running import Control
from tests.integration.person import ASK_NUMBER, MENU, Person
from tests.integration.stack import Stack

ONE, THREE, NEW = "7060012345", "7060020003", "7060060001"
BOTH = ("vk", "viber")
MINE = "Мои показания"
CAPTION = "Расход по месяцам, лицевой счёт {}"
ASK_ACCOUNT = "Выберите лицевой счёт, по которому показать показания:"


def give_three(person: Person) -> str:
    """Gives three readings and returns the number of the receipt."""
    person.press("Передать показания", "Укажите")
    person.say("170 270,5 41.5", "Объем потребления")
    accepted = person.press("Подтверждаю", MENU)[0]
    found = re.search(r"Квитанция № (\S+) от (\d\d\.\d\d\.\d{4} \d\d:\d\d)\.$", accepted)
    assert found is not None
    return found[1]


def test_what_was_given_is_found_again_with_its_receipt_and_a_chart(
    person: Person, billing: Control
) -> None:
    person.link(THREE)
    receipt = give_three(person)
    listed, receipts, caption, menu = person.press(MINE, MENU)

    blocks = listed.split("\n\n")
    assert blocks[0] == f"Лицевой счёт {THREE}, последние показания:"
    assert [block.splitlines()[0] for block in blocks[1:]] == [
        "ГВС №2000301, кухня",
        "ГВС №2000302, ванна",
        "Отопление №2000303",
    ]
    messenger = {"vk": "VK", "viber": "Viber"}[person.messenger]
    newest, *earlier = blocks[1].splitlines()[1:]
    assert re.fullmatch(rf"\d\d\.\d\d\.\d{{4}} — 170 \(расход 2,75 м³; через {messenger}\)", newest)
    assert len(earlier) == 4
    assert all(re.search(r"\(расход \S+ м³\)$", line) for line in earlier)

    assert receipts.startswith(f"Что вы передали через бота по лицевому счёту {THREE}:")
    assert f"принято, квитанция № {receipt}\nГВС №2000301, кухня — 170\n" in receipts
    assert caption == CAPTION.format(THREE)
    assert menu == MENU
    (picture,) = person.pictures(1)
    assert picture.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", picture[16:24])
    assert (width, height > 1000) == (1080, True)


def test_of_several_accounts_one_is_chosen(person: Person, billing: Control) -> None:
    person.link(ONE)
    person.say("Добавить счёт", ASK_NUMBER)
    person.say(THREE, MENU)
    assert person.press(MINE, ASK_ACCOUNT) == [ASK_ACCOUNT]
    assert person.buttons() == [ONE, THREE, "Отмена"]
    shown = person.press(ONE, MENU)
    assert shown == [
        f"Лицевой счёт {ONE}, последние показания:\n\nГВС №1710051\n03.12.2019 — 56578",
        MENU,
    ]
    person.press(MINE, ASK_ACCOUNT)
    assert person.say("2", MENU)[-2] == CAPTION.format(THREE)
    person.press(MINE, ASK_ACCOUNT)
    person.press("Отмена", MENU)


def test_it_may_be_asked_in_words_and_in_the_middle_of_giving_readings(
    person: Person, billing: Control
) -> None:
    person.link(THREE)
    question = person.press("Передать показания", "Укажите")[-1]
    person.say("какие были прошлые показания", "последние показания")
    person.wait(question)
    assert person.answers()[-1] == question
    person.pictures(0)
    assert "ГВС №2000302, ванна" in person.say("170", "Укажите")[-1]


def test_a_stranger_is_asked_for_an_account_first(person: Person) -> None:
    assert person.say("прошлые показания", ASK_NUMBER)[-1] == ASK_NUMBER


def test_a_meter_without_readings_is_no_reason_to_fail(person: Person, billing: Control) -> None:
    person.link(NEW)
    assert person.press(MINE, MENU) == [
        f"По лицевому счёту {NEW} принятых показаний пока нет.",
        MENU,
    ]


def test_a_submission_that_waits_for_billing_is_among_the_receipts_until_it_is_accepted(
    stack: Stack, billing: Control
) -> None:
    people = [(stack.person(messenger), f"706900001{messenger == 'vk':d}") for messenger in BOTH]
    for person, account in people:
        person.link(account)
        person.press("Передать показания", "Укажите")
        person.say("171", "Объем потребления")
        billing.fault("status", status=503, account=account)
        person.press("Подтверждаю", MENU)
        unavailable, receipts, menu = person.press(MINE, MENU)
        assert "не удаётся связаться" in unavailable
        assert re.search(r"\d\d:\d\d — сохранено, ждёт расчётную систему\n.+ — 171$", receipts)
        assert menu == MENU
    billing.clear_faults()
    for person, _ in people:
        later = person.wait("Показания приняты", timeout=40)
        receipt = later.partition("Квитанция № ")[2].split()[0]
        assert f"принято, квитанция № {receipt}\n" in person.press(MINE, MENU)[1]


def test_the_address_of_a_picture_is_good_only_as_it_is(stack: Stack, billing: Control) -> None:
    person = stack.person("viber")
    person.link(THREE)
    person.press(MINE, MENU)
    (picture,) = person.pictures(1)
    sent = [
        json.loads(one.body)
        for one in stack.emulator.emulator.traffic.exchanges
        if "send_message" in one.path
    ]
    address = next(
        one["media"]
        for one in reversed(sent)
        if one["receiver"] == person.user_id and one["type"] == "picture"
    )
    assert address.startswith(f"{stack.bot_url}/pictures/")
    assert THREE not in address
    with httpx.Client(trust_env=False) as client:
        answer = client.get(address)
        assert (answer.status_code, answer.content) == (200, picture)
        assert client.get(address.replace(".png", "x.png")).status_code == 404
        assert client.get(f"{stack.bot_url}/pictures/{'a' * 40}.png").status_code == 404
    assert THREE not in stack.log.read_text(encoding="utf-8")
