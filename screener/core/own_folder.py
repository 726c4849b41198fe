"""The folder in which the program keeps what belongs to its user and to no review."""

import os
from pathlib import Path

from platformdirs import user_data_path


def own_folder() -> Path:
    """Return the folder that `SCREENER_DATA` names, or the place that the system has for data of programs; it may be missing."""
    named = os.environ.get("SCREENER_DATA")
    return Path(named).expanduser() if named else user_data_path("screener", appauthor=False)
