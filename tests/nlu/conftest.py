"""What the tests of understanding share: one normaliser and the sets of phrases."""

from __future__ import annotations

import pytest

from benchmarks.nlu.phrases import PhraseSet, read_table, read_training
from nlu.normaliser import TextNormaliser


@pytest.fixture(scope="session")
def normaliser() -> TextNormaliser:
    return TextNormaliser.default()


@pytest.fixture(scope="session")
def training() -> PhraseSet:
    return read_training()


@pytest.fixture(scope="session")
def dev() -> PhraseSet:
    return read_table("dev")


@pytest.fixture(scope="session")
def held_out() -> PhraseSet:
    return read_table("test")


@pytest.fixture(scope="session")
def near() -> PhraseSet:
    return read_table("near")
