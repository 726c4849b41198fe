"""A backup of a whole server: accounts, roles, audit and jobs, and each review's folder and ledger, in one ZIP."""

import shutil
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from sqlalchemy import func, select, update

from ..core.errors import BadInput
from ..ledger.backup import BackupWriter, extracted, place_review, refuse_used, writing_backup
from ..ledger.copying import copy_rows
from . import tables as t
from .database import Team, drop_schema, has_schema, in_schema, make_schema
from .reviews import SiteReview, schema_of, site_reviews
from .settings import ServerSettings, open_team

_TEAM = "team.db"
_PASSING = frozenset({"sessions", "attempts"})
"""Tables that are not kept: after a restore everybody logs in anew."""
Say = Callable[[str], None]


def backup_server(settings: ServerSettings, target: Path, say: Say = lambda _: None) -> int:
    """Make a backup of a server, which may be running, in a new file; return the number of its reviews.

    Accounts are copied last, so that none is missing whose name stands in a ledger.
    """
    team = open_team(settings)
    try:
        with writing_backup(target, {"holds": "server"}) as writer:
            kept: set[str] = set()
            while left := [review for review in site_reviews(team, archived=True) if review.slug not in kept]:
                for review in left:  # one that was made meanwhile is in the next round
                    say(review.title)
                    writer.add_review(f"reviews/{review.slug}/", review.folder, _ledger_of(review, settings))
                    kept.add(review.slug)
            _add_team(writer, team, target)
    finally:
        team.close()
    return len(kept)


def restore_server(settings: ServerSettings, source: Path, say: Say = lambda _: None) -> int:
    """Put the backup of a server where server.yaml says, files or PostgreSQL; return the number of its reviews.

    All or nothing: there must be no account, none of the reviews and none of their schemas yet.
    """
    settings.reviews.mkdir(parents=True, exist_ok=True)
    team = open_team(settings)
    try:
        _refuse_used(team)
        with extracted(source, "server", settings.reviews) as (content, _), ExitStack() as undo:
            saved = Team.in_file(content / _TEAM)  # brought to the present shape
            try:
                reviews = site_reviews(saved, archived=True)
                for review in reviews:
                    say(review.title)
                    _place(review, content / "reviews" / review.slug, settings, undo)
                _point(saved, reviews, settings)
                with saved.read() as reading, team.write() as writing:
                    copy_rows(reading, writing, _kept_tables(), "the team's database")
            finally:
                saved.close()
            undo.pop_all()
            return len(reviews)
    finally:
        team.close()


def _add_team(writer: BackupWriter, team: Team, target: Path) -> None:
    with tempfile.TemporaryDirectory(prefix=".backup-", dir=target.absolute().parent) as beside:
        copy = Team.in_file(Path(beside) / _TEAM)
        try:
            with team.read() as reading, copy.write() as writing:
                copy_rows(reading, writing, _kept_tables(), _TEAM)
        finally:
            copy.close()
        writer.add(_TEAM, Path(beside) / _TEAM)


def _kept_tables() -> list:  # type: ignore[type-arg]
    return [table for table in t.metadata.sorted_tables if table.name not in _PASSING]


def _refuse_used(team: Team) -> None:
    with team.read() as connection:
        used = [
            table.name
            for table in (t.accounts, t.reviews)
            if connection.execute(select(func.count()).select_from(table)).scalar_one()
        ]
    if used:
        raise BadInput(
            f"this server has {' and '.join(used)} already; restore where `database` and `reviews` are empty"
        )


def _ledger_of(review: SiteReview, settings: ServerSettings) -> str:
    return review.ledger_url(settings.on_postgresql) or str(review.folder / ".screener" / "ledger.db")


def _place(review: SiteReview, content: Path, settings: ServerSettings, undo: ExitStack) -> None:
    """Put a review where it is to be; `undo` then takes it away unless all else is there, too."""
    folder, database = settings.reviews / review.slug, settings.on_postgresql
    refuse_used(folder)
    if not database:
        place_review(content, folder)
    else:
        schema = schema_of(review.slug)
        if has_schema(database, schema):
            raise BadInput(f"the database has a schema `{schema}` already; drop it, or restore into another database")
        make_schema(database, schema)
        undo.callback(drop_schema, database, schema)
        place_review(content, folder, in_schema(database, schema))
    undo.callback(shutil.rmtree, folder, ignore_errors=True)


def _point(saved: Team, reviews: list[SiteReview], settings: ServerSettings) -> None:
    """Have the list of reviews say where they are now."""
    r = t.reviews.c
    with saved.write() as connection:
        for review in reviews:
            schema = schema_of(review.slug) if settings.on_postgresql else ""
            here = {"folder": str(settings.reviews / review.slug), "schema_name": schema}
            connection.execute(update(t.reviews).where(r.id == review.id).values(here))
