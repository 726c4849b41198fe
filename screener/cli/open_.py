"""`screener open`, and `screener` alone: the start page with all reviews, in the browser."""

from pathlib import Path
from typing import Annotated

import typer

from .common import console
from .serving import BrowserOption, PortOption, listening, open_browser, serve


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

    try:
        import uvicorn  # noqa: F401 - asked for before anything is begun

        from ..web.home import Home
        from ..web.local_door import LocalDoor
        from ..web.local_reviews import LocalReviews
        from ..web.private_files import session_file
        from ..web.security import Guard
        from ..web.site import base_of
    except ModuleNotFoundError as error:
        raise BadInput(
            f"the app in the browser needs the package {error.name}; pip install 'screener[ui]'. "
            "`screener --help` lists the commands, which do without"
        ) from None
    reviews = LocalReviews()
    review = _review_to_open(folder)
    start = f"{base_of(reviews.remember(review).slug)}/" if review else "/"
    file = session_file(own_folder(), "")
    listener, session = listening(port, file, start)
    door = LocalDoor(session, "screener", reviews.name)
    home = Home(reviews, door, folder.resolve() if folder is not None and review is None else Path.cwd())
    # Other programs wait for this line: the socket listens already, so that nobody knocks too early.
    print(session.address, flush=True)
    if reviews.trouble:
        console(stderr=True).print(f"{own_folder()}: {reviews.trouble}; name and list of reviews are not kept.")
    console(stderr=True).print("Ctrl-C stops the app; what you saved or began is kept.")
    if browser:
        open_browser(file.with_suffix(".html"), session)
    serve(Guard(home.site(), door), listener)


def _review_to_open(folder: Path | None) -> Path | None:
    """Return the review in a folder, or without one around the present folder; None where there is none."""
    from ..core.errors import BadInput
    from ..protocol import find_folder

    if folder is not None and not folder.is_dir():
        raise BadInput(f"{folder}: no such folder; make a review with `screener init {folder}`")
    try:
        return find_folder(folder or Path.cwd(), explicit=folder is not None)
    except BadInput:
        return None
