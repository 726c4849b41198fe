"""`screener adjudicate`: the local web app to label, resolve and check."""

from typing import Annotated

import typer

from .common import JoinOption, ReviewOption, console, open_review, writing_ledger
from .serving import BrowserOption, PortOption, listening, open_browser, serve


def adjudicate(
    reviewer: Annotated[str, typer.Option(help="Your name; your judgements are saved under it.")],
    port: PortOption = 0,
    browser: BrowserOption = True,
    join: JoinOption = False,
    review: ReviewOption = None,
) -> None:
    """Start the web app on this computer only and print its address. Ctrl-C stops it; open pages go on after a restart."""
    from ..core.errors import BadInput

    try:
        import uvicorn  # noqa: F401 - asked for before anything is begun

        from ..stages import canonical_reviewer_name, check_name
        from ..web.app import create_app
        from ..web.private_files import session_file
    except ModuleNotFoundError as error:
        raise BadInput(f"adjudicate: needs the package {error.name}; pip install 'screener[ui]'") from None
    opened_review = open_review(review)
    check_name(opened_review, reviewer)
    ledger = writing_ledger(opened_review, join)
    name = canonical_reviewer_name(ledger, opened_review, [reviewer])[reviewer]
    file = session_file(opened_review.hidden, name)
    listener, session = listening(port, file)
    app = create_app(ledger, opened_review, name, session)
    # Other programs wait for this line: the socket listens already, so that nobody knocks too early.
    print(session.address, flush=True)
    console(stderr=True).print(
        f"{opened_review.protocol.title}\nYou are {name}. Ctrl-C stops the app; what you saved or began is kept."
    )
    if browser:
        open_browser(file.with_suffix(".html"), session)
    serve(app, listener)
    ledger.close()
