"""A review of a server at its terminal, under what server.yaml decides: models, their keys and addresses, limits, the ledger."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from ..core.errors import BadInput

if TYPE_CHECKING:
    from ..review import OpenReview


@contextmanager
def review_on_server(config: Path, folder: Path | None) -> Iterator[tuple["OpenReview", float | None]]:
    """Open the review that the user stands in or names; yield it with what all its machine runs may cost together, in US dollars."""
    from ..review import OpenReview, read_review
    from ..review.api import review_folder
    from ..review.own_ledger import ledger_to_write
    from ..team.reviews import site_reviews
    from ..team.settings import open_team, read_settings
    from ..web.server import on_server

    settings = read_settings(config)
    team = open_team(settings)
    try:
        root = review_folder(folder)
        served = next((served for served in site_reviews(team) if served.folder.resolve() == root.resolve()), None)
    finally:
        team.close()
    if served is None:
        raise BadInput(f"{root}: is no review of the server of {config}; leave --config out, or name one with --review")
    with on_server(settings):
        review = read_review(root)
        ledger = ledger_to_write(review, url=served.ledger_url(settings.on_postgresql))
        try:
            yield OpenReview(review, ledger=ledger), settings.jobs.budget_of(served.slug)
        finally:
            ledger.close()
