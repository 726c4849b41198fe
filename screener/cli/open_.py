"""`screener open`, and `screener` alone: the start page with all reviews, in the browser."""

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .common import console
from .serving import BrowserOption, PortOption, listening, open_browser, serve

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from ..web.local_door import Session

_PACKAGES = ("fastapi", "starlette", "uvicorn")


def open_(
    folder: Annotated[
        Path | None,
        typer.Argument(
            metavar="DIR", help="A review to open at once (default: that around the present folder, if any)."
        ),
    ] = None,
    port: PortOption = 0,
    browser: BrowserOption = True,
) -> None:
    """Open the program in the browser, on this computer only, and print its address: your reviews, a new one, the examples.

    In a folder that is a review it opens that one. Your name is asked in the page. Ctrl-C stops it; open pages go on after
    a restart. `screener` alone does the same.
    """
    from ..core.errors import BadInput
    from ..core.own_folder import own_folder

    if missing := [name for name in _PACKAGES if find_spec(name) is None]:
        raise BadInput(
            f"the app in the browser needs the package {missing[0]}; pip install 'screener[ui]'. "
            "`screener --help` lists the commands, which do without"
        )
    from ..web.own_settings import base_of, slug_of
    from ..web.private_files import session_file

    review = _review_to_open(folder)
    file = session_file(own_folder(), "")
    listener, session = listening(port, file, f"{base_of(slug_of(review))}/" if review else "/")
    # The socket listens: whoever comes now waits until the rest is loaded, and meanwhile the browser opens.
    print(session.address, flush=True)
    console(stderr=True).print("Ctrl-C stops the app; what you saved or began is kept.")
    if browser:
        open_browser(file.with_suffix(".html"), session)
    start = folder.resolve() if folder is not None and review is None else Path.cwd()
    serve(_site(review, start, session), listener)


def _site(review: Path | None, start: Path, session: "Session") -> "ASGIApp":
    """Return the whole site, guarded, with a review on its list that is to be opened at once."""
    from ..core.own_folder import own_folder
    from ..web.home import Home
    from ..web.local_door import LocalDoor
    from ..web.local_reviews import LocalReviews
    from ..web.security import Guard

    reviews = LocalReviews()
    if review is not None:
        reviews.remember(review)
    if reviews.trouble:
        console(stderr=True).print(f"{own_folder()}: {reviews.trouble}; name and list of reviews are not kept.")
    door = LocalDoor(session, "screener", reviews.name)
    return Guard(Home(reviews, door, start).site(), door)


def _review_to_open(folder: Path | None) -> Path | None:
    """Return the review in a folder, or without one around the present folder; None where there is none."""
    from ..core.errors import BadInput
    from ..web.own_settings import is_review

    if folder is not None and not folder.is_dir():
        raise BadInput(f"{folder}: no such folder; make a review with `screener init {folder}`")
    here = (folder or Path.cwd()).resolve()
    return next((place for place in ([here] if folder else [here, *here.parents]) if is_review(place)), None)
