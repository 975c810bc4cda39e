"""Every change to Rasa's internals, in one place: the same behaviour, only faster.

Written for Rasa 3.6.21 and refused on any other version: read the changed functions there first.

light_import              Rasa imports TensorFlow (seconds, 250 MB) even if no component uses it.
graph                     Rasa plans every prediction anew with dask.
replay                    Rasa replays the conversation for each policy of each prediction.
speed_up:
  cached result validator   Rasa checks the schema itself again on every action call (about 20 ms);
                            a result that is plainly valid is not checked in detail.
  cached event look-up      Rasa walks all subclasses of Event for each event it reads.
  no copies for the log     Rasa copies all events of an action for a debug line nobody reads.
"""

from importlib.metadata import version

WRITTEN_FOR = "3.6.21"


class UnknownRasaVersion(Exception):
    """The installed Rasa is not the one these changes were written for."""


def check_version(found: str | None = None) -> None:
    """Refuses any Rasa but the known one.

    Raises:
        UnknownRasaVersion: nothing may be changed.
    """
    found = found or version("rasa")
    if found != WRITTEN_FOR:
        raise UnknownRasaVersion(
            f"server/internals changes Rasa {WRITTEN_FOR}, but {found} is installed."
        )
