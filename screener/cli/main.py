"""The program `screener`: its verbs, and what becomes of an error."""

import gc
import io
import os
import sys
from collections.abc import Callable
from functools import cache
from typing import Annotated, Any

import typer

from .. import __version__
from ..core.errors import BadInput, LedgerError, LedgerUnavailable
from ..core.files import FULL, reason_of
from . import (
    adjudicate,
    attach,
    batch,
    check,
    classify,
    dedup,
    evaluate,
    export,
    form,
    gold,
    import_,
    init,
    integrity,
    label,
    ledger,
    links,
    models,
    open_,
    report,
    retrieve,
    run,
    serve,
    simulate,
    sources,
    status,
    tune,
    version,
)

EXIT_CODES = {
    0: "done",
    1: "unexpected failure",
    2: "bad input or usage",
    3: "finished, but some records or rows have errors, which are listed",
    130: "interrupted; what was finished is kept",
}
"""What the code that a command ends with means."""

app = typer.Typer(
    name="screener",
    help="Screen and extract the records of a systematic review, and check every output against gold. Without a command it opens in the browser.",
    epilog="Exit codes: " + "; ".join(f"{code} {meaning}" for code, meaning in EXIT_CODES.items()) + ".",
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("open")(open_.open_)
app.command("serve")(serve.serve)
app.command("init")(init.init)
app.command("import")(import_.import_)
app.command("retrieve")(retrieve.retrieve)
app.add_typer(sources.app, name="sources")
app.add_typer(ledger.app, name="ledger")
app.command("attach")(attach.attach)
app.command("integrity")(integrity.integrity)
app.command("classify")(classify.classify)
app.command("contact")(classify.contact)
app.add_typer(dedup.app, name="dedup")
app.add_typer(models.app, name="models")
app.add_typer(batch.app, name="batch")
app.command("run")(run.run)
app.command("label")(label.label)
app.command("adjudicate")(adjudicate.adjudicate)
app.add_typer(form.app, name="form")
app.add_typer(gold.app, name="gold")
app.command("evaluate")(evaluate.evaluate)
app.add_typer(tune.app, name="tune")
app.add_typer(version.app, name="version")
app.command("simulate")(simulate.simulate)
app.command("export")(export.export)
app.command("links")(links.links)
app.command("report")(report.report)
app.command("status")(status.status)
app.command("check")(check.check)


@app.callback(invoke_without_command=True)
def _top(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version and stop.")] = False,
) -> None:
    if version:
        print(__version__)
        raise typer.Exit
    if context.invoked_subcommand is None:
        open_.open_()


@cache
def _command() -> Callable[..., Any]:
    """Return the command line as one callable: a program that calls `main` again does not build it again."""
    return typer.main.get_command(app)


def main() -> None:
    """Run the command line and exit with its code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper) and stream.encoding.lower() == "utf-8":
            stream.reconfigure(errors="replace")  # the name of a file may hold bytes that are no text
    # A large review is millions of objects that live until the end and hold no cycles. At its usual pace the collector
    # goes through them again and again, for a fifth of a report's time.
    gc.set_threshold(100_000, 20, 20)
    try:
        code = _command()(standalone_mode=False)
        if code == 130:
            raise KeyboardInterrupt
    except BadInput as error:
        code = _fail(str(error), 2)
    except LedgerUnavailable as error:
        code = _fail(str(error), 1)
    except KeyboardInterrupt:
        code = _fail("interrupted; finished work is saved, run the same command to continue", 130)
    except BrokenPipeError:
        # The reader of a pipe (`| head`) went away: not a failure, but nothing more can be written.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    except Exception as error:
        if isinstance(error, OSError) and error.errno in FULL:
            place = f"{error.filename}: " if error.filename else ""
            code = _fail(f"{place}{reason_of(error)}", 1)
        elif hasattr(error, "format_message"):
            code = _fail(f"{error.format_message()} See `screener --help`.", 2)
        elif os.environ.get("SCREENER_DEBUG"):
            raise
        else:
            kind = "" if isinstance(error, LedgerError) else f"{type(error).__name__}: "
            problem = " ".join(f"{kind}{error}".split())
            code = _fail(f"unexpected failure: {problem} (set SCREENER_DEBUG=1 to see where)", 1)
    sys.exit(code if isinstance(code, int) else 0)


def _fail(message: str, code: int) -> int:
    print(f"screener: {message}", file=sys.stderr)
    return code
