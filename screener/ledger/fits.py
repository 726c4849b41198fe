"""What embedded reviewers learned from people's labels, each fit under the hash of what it was made from."""

import json
from collections.abc import Collection
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from ..core.judgement import Stage
from . import tables as t
from .store import now


def newest_fit(connection: Connection, stage: Stage, reviewer: str) -> str | None:
    """Return the fit that was made last for a reviewer at a stage, as it was kept; None where there is none."""
    query = select(t.fits.c.body).where(t.fits.c.stage == stage.value, t.fits.c.reviewer == reviewer)
    return connection.execute(query.order_by(t.fits.c.at.desc()).limit(1)).scalar()


def newest_threshold(connection: Connection, stage: Stage, reviewer: str) -> dict[str, Any] | None:
    """Return the threshold of the fit that was made last, with what it was chosen on, as JSON has it; None where there is none."""
    body = newest_fit(connection, stage, reviewer)
    return None if body is None else json.loads(body).get("threshold")


def keep_fit(connection: Connection, fit_id: str, stage: Stage, reviewer: str, body: str) -> None:
    """Keep a fit; one that is there already becomes the newest."""
    if connection.execute(select(t.fits.c.id).where(t.fits.c.id == fit_id)).first() is None:
        row = {"id": fit_id, "at": now(), "stage": stage.value, "reviewer": reviewer, "body": body}
        connection.execute(insert(t.fits).values(row))
    else:
        connection.execute(update(t.fits).where(t.fits.c.id == fit_id).values(at=now()))


def last_fits(connection: Connection, stage: Stage, reviewers: Collection[str]) -> dict[str, str]:
    """Return when each of these reviewers was fitted last at a stage, of those that were."""
    f = t.fits.c
    query = select(f.reviewer, func.max(f.at)).where(f.stage == stage.value, f.reviewer.in_(reviewers))
    return {row[0]: row[1] for row in connection.execute(query.group_by(f.reviewer))}
