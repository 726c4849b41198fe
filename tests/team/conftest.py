"""A team's database, in SQLite and in PostgreSQL, and what people do in it."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import argon2
import pytest

from screener.team.accounts import Account
from screener.team.audit import TERMINAL
from screener.team.database import Team
from screener.team.entering import Visitor, take_up
from screener.team.invitations import invite
from screener.team.passwords import Passwords
from screener.team.reviews import SiteReview, add_review
from screener.team.roles import ReviewRole

PASSWORD = "four unrelated words stand here"
DESK = Visitor("192.0.2.7", "Firefox")


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def team_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Where a team's database is to be: a test that uses this runs twice."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'team.db'}"
        return
    server = request.getfixturevalue("cluster")
    url = server.new_database()
    yield url
    server.drop(url)


def opened(url: str) -> Team:
    """Open it as the program does."""
    return Team.on_server(url) if url.startswith("postgresql") else Team(url)


@pytest.fixture
def team(team_url: str) -> Iterator[Team]:
    """An empty one."""
    database = opened(team_url)
    yield database
    database.close()


@pytest.fixture(scope="session")
def passwords() -> Passwords:
    """As the program's, but quick."""
    return Passwords(argon2.PasswordHasher.from_parameters(argon2.profiles.CHEAPEST))


Join = Callable[..., Account]


@pytest.fixture
def join(team: Team, passwords: Passwords) -> Join:
    """Make an account by an invitation: with roles in a review, or as administrator."""

    def make(name: str, review: SiteReview | None = None, *roles: ReviewRole, administrator: bool = False) -> Account:
        token = invite(team, TERMINAL, {review.id: roles} if review else {}, administrator=administrator)
        return take_up(team, passwords, token, (f"{name.lower()}@example.org", name), PASSWORD, DESK).account

    return make


@pytest.fixture
def review(team: Team, tmp_path: Path) -> SiteReview:
    """A review on the list."""
    return add_review(team, "sleep", "Sleep and shift work", tmp_path / "sleep")


@pytest.fixture
def later(team: Team) -> Callable[..., None]:
    """Let time pass."""

    def wait(**how_long: float) -> None:
        team.shift += timedelta(**how_long)

    return wait
