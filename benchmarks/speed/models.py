"""The models of the two stock variants: ours as it is, and one with Rasa's default pipeline."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from tools.train import QUIET, ensure_model, fingerprint

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / ".data" / "bench"

# What `rasa init` of 3.6.21 suggests, written out. Only the epochs are fewer: what a turn costs
# does not depend on how long the model was trained, and residents of the script are understood.
DEFAULT_CONFIG = """\
recipe: default.v1
assistant_id: stock-default
language: ru

pipeline:
  - name: WhitespaceTokenizer
  - name: RegexFeaturizer
  - name: LexicalSyntacticFeaturizer
  - name: CountVectorsFeaturizer
  - name: CountVectorsFeaturizer
    analyzer: char_wb
    min_ngram: 1
    max_ngram: 4
  - name: DIETClassifier
    epochs: 4
    constrain_similarities: true
  - name: EntitySynonymMapper
  - name: ResponseSelector
    epochs: 5
    constrain_similarities: true
  - name: FallbackClassifier
    threshold: 0.3
    ambiguity_threshold: 0.1

policies:
  - name: MemoizationPolicy
  - name: RulePolicy
  - name: UnexpecTEDIntentPolicy
    max_history: 5
    epochs: 5
  - name: TEDPolicy
    max_history: 5
    epochs: 5
    constrain_similarities: true
"""


class NoModel(Exception):
    """`rasa train` made no model; the message names its log."""


def our_model() -> Path:
    """The model that the bot serves; trained if its data has changed."""
    return ensure_model(ROOT)[0]


def default_model(waiting: Callable[[], None]) -> Path:
    """The model of Rasa's default pipeline over the same data; kept in .data/bench.

    `waiting` is called about once a second while it is trained. Raises NoModel.
    """
    digest = hashlib.sha256(f"{fingerprint(ROOT)}\n{DEFAULT_CONFIG}".encode()).hexdigest()[:12]
    name = f"default-{digest}"
    model = FOLDER / "models" / f"{name}.tar.gz"
    if model.exists():
        return model
    work = FOLDER / "training"
    shutil.rmtree(work, ignore_errors=True)
    (work / "domain").mkdir(parents=True)
    # One folder, because the importer that reads both places looks beside the configuration.
    shutil.copy(ROOT / "domain.yml", work / "domain" / "shared.yml")
    for part in (ROOT / "domain").glob("*.yml"):
        shutil.copy(part, work / "domain" / part.name)
    (work / "config.yml").write_text(DEFAULT_CONFIG)
    command = [sys.executable, "-m", "rasa", "train", "--skip-validation"]
    command += ["--config", str(work / "config.yml"), "--domain", str(work / "domain")]
    command += ["--data", "data", "--out", str(work / "models"), "--fixed-model-name", name]
    log = work / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=ROOT, env={**os.environ, **QUIET}, stdout=output, stderr=output
        )
        try:
            while process.poll() is None:
                waiting()
                try:
                    process.wait(1)
                except subprocess.TimeoutExpired:
                    continue
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
    made = work / "models" / f"{name}.tar.gz"
    if process.returncode != 0 or not made.exists():
        raise NoModel(f"the default pipeline could not be trained, see {log}")
    model.parent.mkdir(parents=True, exist_ok=True)
    made.replace(model)
    return model
