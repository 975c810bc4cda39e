"""One password, sessions that can't be forged, guesses that get slower."""

from __future__ import annotations

import pytest

from studio.access import FORGOTTEN_AFTER, FREE_GUESSES, LONGEST_WAIT, Access, TooManyGuesses


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def access(clock: Clock) -> Access:
    return Access("правильный пароль", clock)


def fail(access: Access, clock: Clock, times: int) -> None:
    for _ in range(times):
        while True:
            try:
                assert access.enter("неправильный") is None
                break
            except TooManyGuesses as error:
                clock.now += error.seconds


def test_the_password_opens_a_session(access: Access) -> None:
    cookie = access.enter("правильный пароль")
    assert cookie is not None
    assert access.session_of(cookie)


@pytest.mark.parametrize("password", ["", "правильныйпароль", "ПРАВИЛЬНЫЙ ПАРОЛЬ", "x" * 10_000])
def test_any_other_word_does_not(access: Access, password: str) -> None:
    assert access.enter(password) is None


def test_spaces_that_were_copied_with_the_password_do_not_count(access: Access) -> None:
    assert access.enter("  правильный пароль\n")


@pytest.mark.parametrize("cookie", [None, "", "x", "a.b.c", "W10.aa.bb"])
def test_a_cookie_that_was_not_signed_here_opens_nothing(
    access: Access, cookie: str | None
) -> None:
    assert access.session_of(cookie) is None


def test_another_process_with_the_same_password_accepts_the_session(access: Access) -> None:
    cookie = access.enter("правильный пароль")
    assert Access("правильный пароль").session_of(cookie)
    assert Access("другой пароль").session_of(cookie) is None


def test_a_token_belongs_to_one_session(access: Access) -> None:
    one, other = (access.session_of(access.enter("правильный пароль")) for _ in range(2))
    assert one is not None
    assert other is not None
    assert access.is_token(one, access.token_of(one))
    assert not access.is_token(one, access.token_of(other))
    assert not access.is_token(one, "")
    assert not access.is_token(one, "не ascii")


def test_guesses_get_slower_and_slower(access: Access, clock: Clock) -> None:
    fail(access, clock, FREE_GUESSES)
    waits = []
    for _ in range(8):
        with pytest.raises(TooManyGuesses) as caught:
            access.enter("неправильный")
        waits.append(caught.value.seconds)
        clock.now += caught.value.seconds
        assert access.enter("неправильный") is None
    assert waits == sorted(waits)
    assert waits[-1] == LONGEST_WAIT


def test_while_guesses_wait_even_the_right_one_is_not_looked_at(
    access: Access, clock: Clock
) -> None:
    fail(access, clock, FREE_GUESSES + 1)
    with pytest.raises(TooManyGuesses) as caught:
        access.enter("правильный пароль")
    clock.now += caught.value.seconds
    assert access.enter("правильный пароль")


def test_after_a_quiet_time_wrong_guesses_are_forgotten(access: Access, clock: Clock) -> None:
    fail(access, clock, FREE_GUESSES + 4)
    clock.now += FORGOTTEN_AFTER + 1
    fail(access, clock, 1)
    assert access.enter("правильный пароль")


def test_a_resident_has_one_name_that_does_not_show_the_id(access: Access) -> None:
    name = access.pseudonym("vk:123456789")
    assert name == Access("правильный пароль").pseudonym("vk:123456789")
    assert name != access.pseudonym("viber:123456789")
    assert name != Access("другой пароль").pseudonym("vk:123456789")
