"""The app of a server: its guard, what roles allow, and the site behind them."""

from collections.abc import Iterator
from contextlib import contextmanager

from ..examples import template_texts
from ..forms.load import forms_not_run
from ..protocol.policy import under_policy
from ..team.database import Team
from ..team.passwords import Passwords
from ..team.refusals import ServerPolicy
from ..team.settings import ServerSettings
from .body_limit import BodyLimit
from .route_rights import ByRights
from .security import Guard
from .server_door import ServerDoor
from .server_home import ServerHome


def server_app(team: Team, settings: ServerSettings, passwords: Passwords | None = None) -> Guard:
    """Return the app of a server. It is to be served within `on_server`, which holds for whatever opens a review."""
    team.patient = (
        team.is_file
    )  # a file is locked for a moment; while a database server is away, requests would pile up
    door = ServerDoor(team, settings)
    home = ServerHome(team, settings, door, passwords or Passwords())
    return Guard(ByRights(BodyLimit(home.site(), file=settings.uploads.file_mb * 1_000_000), team), door)


@contextmanager
def on_server(settings: ServerSettings) -> Iterator[None]:
    """Have whatever a review of a server may not do refused, in the whole process, until it ends."""
    with under_policy(ServerPolicy(settings, template_texts())), forms_not_run():
        yield
