"""Rasa's own commands, started without TensorFlow: `python -m tools.rasa train`."""

from __future__ import annotations

import sys
from pathlib import Path

from server.internals.light_import import without_tensorflow


def main() -> None:
    """The `rasa` command; TensorFlow is imported only if config.yml names a component with it."""
    without_tensorflow(Path("config.yml").read_text(encoding="utf-8"))
    from rasa.__main__ import main as rasa

    from server.internals.training_data import merge_without_copies

    merge_without_copies()
    sys.argv[0] = "rasa"
    rasa()


if __name__ == "__main__":
    main()
