"""`screener version`: freeze a version of the review, list the frozen ones, and show one."""

from typing import Annotated

import typer

from .common import JoinOption, JsonOption, ReviewOption, console, emit, review_at, table

app = typer.Typer(
    help="Freeze versions of the review, which an update reports as its previous studies.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.command("freeze")
def freeze(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What the version is called, such as `2026` or `v1`.")],
    with_open: Annotated[
        bool, typer.Option("--with-open", help="Also while something waits for a decision; the list is kept with it.")
    ] = False,
    who: Annotated[str, typer.Option("--who", help="Your name, kept with the version.")] = "reviewer",
    join: JoinOption = False,
    review: ReviewOption = None,
    json: JsonOption = False,
) -> None:
    """Keep figures, protocol and the ledger's position under a name, for good.

    What is imported later is an update: report and flow diagram then show the studies of this version as previous ones.
    A version is never changed.
    """
    version = review_at(review, join=join).freeze(name, who=who, with_open=with_open)
    if json:
        emit(version.as_json())
        return
    print(
        f"Version {version.name} is frozen: {version.body['records']:,} records, {len(version.studies):,} studies in "
        f"{len(version.reports):,} reports. SHA-256 of its figures {version.figures[:16]}, of its protocol {version.protocol[:16]}."
    )
    for stage, by_status in version.body["open"].items():
        for status, names in by_status.items():
            print(f"  open, {stage}: {len(names):,} {status}")


@app.command("list")
def list_(review: ReviewOption = None, json: JsonOption = False) -> None:
    """List the frozen versions, oldest first."""
    listed = review_at(review).versions()
    if json:
        emit({"versions": [version.as_json() for version in listed]})
        return
    out = console()
    version_table = table(
        "Versions", "name", "frozen", "by", "records", "studies", "reports", "open", right=(3, 4, 5, 6)
    )
    for version in listed:
        open_ = sum(len(names) for of in version.body["open"].values() for names in of.values())
        counts = (version.body["records"], len(version.studies), len(version.reports), open_)
        version_table.add_row(version.name, version.at[:10], version.who, *(f"{n:,}" for n in counts))
    out.print(version_table)


@app.command("show")
def show(
    name: Annotated[str, typer.Argument(metavar="NAME")], review: ReviewOption = None, json: JsonOption = False
) -> None:
    """Show what a version keeps; --json prints its figures and the files of its protocol too."""
    shown = review_at(review).version(name)
    if json:
        emit(shown.as_json())
        return
    version = shown.version
    print(f"{version.name}: frozen by {version.who} at {version.at}.")
    print(f"{version.body['records']:,} records, {len(version.studies):,} studies in {len(version.reports):,} reports.")
    for box in shown.figures["flow"]["boxes"]:
        print(f"  {box['title']}: {box['count']:,} {box['unit']}")
    for stage, by_status in version.body["open"].items():
        for status, names in by_status.items():
            print(f"  open, {stage}: {len(names):,} {status}: {', '.join(names)}")
    print(f"SHA-256 of its figures: {version.figures}")
    print(f"SHA-256 of its protocol: {version.protocol}")
    print(f"Protocol: {', '.join(shown.protocol)}")
