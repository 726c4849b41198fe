"""A review as an object: what each command of the program does, as a method."""

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Unpack

from ..core.errors import BadInput
from ..core.judgement import Stage
from ..ledger import Ledger
from ..protocol import Review, find_folder, find_review
from .link_methods import ReviewOfLinks
from .living import AnyPath as AnyPath
from .own_ledger import claim, ledger_to_read, ledger_to_write

# Each method imports what it needs: all of it together takes a second, which no single command should wait for.
if TYPE_CHECKING:
    from ..evaluation import ChosenThresholds, ReviewerComparison
    from ..exchange import FullText
    from ..ledger import LedgerCopy, RenamedSource
    from ..stages import VenueStandings
    from .evaluating import EvaluationResult
    from .exporting import ExportResult
    from .importing import ImportResult, PdfImportResult
    from .labelling import LabelResult
    from .reporting import ReportResult
    from .rows import JudgementRow, RecordRow, Rows
    from .running import RunListener, RunOptions, RunPlan, RunResult
    from .status import ReviewStatus
    from .undoing import SourceList, UndoneImport, UndoneLabels
    from .venues import ListedVenues


class OpenReview(ReviewOfLinks):
    """A review folder with its ledger, opened by `screener.open`.

    Every method does what the command of the same name does. Stages are named `abstract`, `fulltext` and `extraction`.
    What the user gave wrong is a `BadInput` of one line. Listing methods return `Rows`, tuples of frozen dataclasses
    with a method `frame()` for a pandas DataFrame; what a command prints with `--json` is `as_json()` of the result.

    As a context manager it closes the ledger at the end.
    """

    def __init__(
        self,
        review: Review,
        *,
        join: bool = False,
        notify: Callable[[str], None] = lambda _: None,
        ledger: Ledger | None = None,
    ) -> None:
        """Take a protocol that was read; the ledger is opened by the first method that needs it, made by one that writes.

        With `join` a folder without an id takes a ledger that is there as its own; `notify` is given a line that says whose.
        `ledger` is one that was opened to be written; it is closed by whoever opened it.
        """
        self.review = review
        self._join, self._notify, self._given = join, notify, ledger

    @cached_property
    def ledger(self) -> Ledger:
        """Return the review's ledger, to read; `BadInput` for that of another review."""
        if self._given is not None:
            return self._given
        if self._join:
            return ledger_to_write(self.review, join=True, notify=self._notify)
        return ledger_to_read(self.review)

    def _to_write(self) -> Ledger:
        """Return the ledger, opened for writing, once it carries the review's id, and the review the ledger's."""
        if self.ledger.reading:
            self.close()
            self.__dict__["ledger"] = ledger_to_write(self.review)
        else:
            claim(self.ledger, self.review)
        return self.ledger

    @property
    def root(self) -> Path:
        """Return the review's folder."""
        return self.review.root

    @property
    def title(self) -> str:
        """Return the review's title, as the protocol gives it."""
        return self.review.protocol.title

    def __repr__(self) -> str:
        """Name the folder and the title."""
        return f"<review {self.title!r} in {self.root}>"

    def __enter__(self) -> "OpenReview":
        """Return the review itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the ledger."""
        self.close()

    def close(self) -> None:
        """Release the ledger's files; a later method opens it anew."""
        if "ledger" in self.__dict__ and self._given is None:
            self.ledger.close()
            del self.__dict__["ledger"]

    def import_files(
        self,
        files: AnyPath | Sequence[AnyPath],
        *,
        source: str | None = None,
        again: bool = False,
        encoding: str = "",
        executor: str | None = None,
    ) -> "ImportResult":
        """Read exports of databases or reference managers into the ledger; what was read before adds nothing.

        `source` names the database, whatever the files say; without it they do, or their names. `encoding` (such as
        `gb18030`) names that of the texts, where it cannot be told from their bytes. A file that was imported before under another source is taken
        only with `again`: its rows are then counted under both. `executor` says where new rows are prepared (`local`, `dask`,
        `dask:N`, or the address of a Dask scheduler). A file that cannot be used is listed in the result's
        `failed` and stops no other one; raises `BadInput` where none can be used.
        """
        from .importing import ImportOptions, import_exports

        paths = [files] if isinstance(files, str | PathLike) else files
        files_ = [Path(path) for path in paths]
        options = ImportOptions(source, again, encoding, executor=executor)
        return import_exports(self.review, self._to_write, files_, options)

    def undo_import(
        self, file: AnyPath | int, *, with_judgements: bool = False, who: str = "reviewer"
    ) -> "UndoneImport":
        """Take back an import, by its file or its number in `sources`; an import of the same file brings it back.

        Raises `BadInput` where people have judged records that would be gone, unless `with_judgements`.
        """
        from .undoing import undo_import

        return undo_import(self._to_write(), self.review, str(file), who, with_judgements=with_judgements)

    def copy_ledger(self, target: str) -> "LedgerCopy":
        """Copy the ledger into an empty PostgreSQL database (its URL) or a new file, compared row by row before it counts.

        Raises `BadInput` where the target holds anything; nothing half-written is left.
        """
        from ..ledger import copy_ledger

        if not Ledger.exists(self.review.hidden):
            raise BadInput(f"{self.root}: there is no ledger yet to copy")
        return copy_ledger(self.ledger, target, self.review.hidden / "documents")

    def backup(self, target: AnyPath) -> int:
        """Make a backup of the folder and the ledger, one new ZIP, and return the number of files in it.

        `screener ledger restore` puts it back. Raises `BadInput` where the file is there or cannot be written.
        """
        from .own_ledger import backup_review

        return backup_review(self.review, self.ledger, Path(target))

    def sources(self) -> "SourceList":
        """Return the rows of each source, what its searches reported, and every import with its number."""
        from .undoing import list_sources

        return list_sources(self.ledger, self.review)

    def venue_standings(self) -> "VenueStandings":
        """Return what the venue rules of the sources do with the records, by id."""
        from ..stages import venue_standings

        return venue_standings(self.ledger, self.review)

    def venues(self) -> "ListedVenues":
        """Return what the venue rules of the sources do with each record, and the venues that wait for a person."""
        from .venues import listed_venues

        return listed_venues(self.ledger, self.review)

    def rename_source(self, old: str, new: str, *, who: str = "reviewer") -> "RenamedSource":
        """Correct the name of a source, on everything that was imported under it."""
        from .undoing import correct_source

        return correct_source(self._to_write(), self.review, old, new, who)

    def import_pdfs(
        self,
        folder: AnyPath,
        *,
        as_records: bool = False,
        progress: "Callable[[FullText], None]" = lambda _: None,
        executor: str | None = None,
    ) -> "PdfImportResult":
        """Match every document of a folder to its record and attach it as a full text; `progress` is told of each.

        With `as_records` a document that belongs to none becomes a record, with what its first page says. `executor` says
        where files are parsed, as in `import_files`.

        Raises `BadInput` where there is no such folder, no document in it, or no record.
        """
        from .importing import import_full_texts

        ledger, folder_ = self._to_write(), Path(folder)
        return import_full_texts(ledger, self.review, folder_, progress, as_records=as_records, executor=executor)

    def run(
        self,
        stage: str,
        reviewer: str | None = None,
        *,
        listener: "RunListener | None" = None,
        **options: Unpack["RunOptions"],
    ) -> "RunResult":
        """Have a machine reviewer (default: the stage's) judge the records that lack a current judgement.

        `options` are those of `RunOptions`: limit, budget, concurrency, repeats, retry_errors, everything, again, executor, fit.
        What fails is counted and listed in the result; raises `BadInput` for what keeps the run from starting.
        """
        from .running import RunListener, run_reviewer

        where = stage_named(stage)
        return run_reviewer(self._to_write(), self.review, where, reviewer, options, listener or RunListener())

    def plan(
        self,
        stage: str,
        reviewer: str | None = None,
        *,
        listener: "RunListener | None" = None,
        **options: Unpack["RunOptions"],
    ) -> "RunPlan":
        """Return what `run` would ask and cost; nothing is sent, and no key is needed."""
        from .running import RunListener, is_empty, plan_run

        where = stage_named(stage)
        # An empty ledger is first filled with the records of the gold set.
        ledger = self._to_write() if options.get("fit") or is_empty(self.ledger) else self.ledger
        return plan_run(ledger, self.review, where, reviewer, options, listener or RunListener())

    def label(
        self,
        file: AnyPath,
        stage: str | None = None,
        reviewer: str | None = None,
        *,
        columns: Mapping[str, str] | None = None,
        decision: str | None = None,
        overrule: bool = False,
    ) -> "LabelResult":
        """Enter people's decisions from a table, from a file of Rayyan, Covidence or ASReview, or from a file of judgements.

        Only the last names its stages, so that `stage` may be left out.
        `reviewer` names who decided where the file does not, or which of several to take; `NAME:adjudicator` says that
        they adjudicated. `columns` maps columns of the table to `NAME` or `NAME:adjudicator`. `decision` (include,
        exclude or unclear) is that of every row, for a list of what was decided so. An adjudication against people who
        agree is entered only with `overrule`. A row that cannot be used is listed, not entered; raises `BadInput` for
        such a file.
        """
        from .labelling import label_file, label_options

        options = label_options(reviewer, columns, decision, overrule)
        where = stage_named(stage) if stage else None
        return label_file(self._to_write(), self.review, where, Path(file), options)

    def undo_labels(self, file: AnyPath | int, stage: str | None = None, *, who: str = "reviewer") -> "UndoneLabels":
        """Take back the decisions of a file, by its path or its number; what stood before counts again."""
        from .undoing import undo_labels

        return undo_labels(self._to_write(), self.review, str(file), who, stage_named(stage) if stage else None)

    def records(self, stage: str | None = None) -> "Rows[RecordRow]":
        """Return all records after merging, or those that a stage has to judge, each with its standing there."""
        from .rows import record_rows

        return record_rows(self.ledger, self.review, stage_named(stage) if stage else None)

    def judgements(
        self, stage: str | None = None, *, reviewer: str | None = None, role: str | None = None
    ) -> "Rows[JudgementRow]":
        """Return the judgements that nobody has withdrawn, oldest first within a stage; all, or those asked for.

        `role` is machine, human, adjudicator or gold.
        """
        from .rows import judgement_rows

        stages = (stage_named(stage),) if stage else tuple(self.review.protocol.stages)
        return judgement_rows(self.ledger, stages, reviewer, role)

    def evaluate(
        self, stage: str, reviewer: str | None = None, *, reference: str = "gold", split: str | None = None,
        target: float | None = None,
    ) -> "EvaluationResult":  # fmt: skip
        """Check a reviewer (default: the stage's machine) against gold or another reviewer.

        `split` is the part of the gold set: test (the default), dev, or at extraction all. Where a gate stands on test,
        asking for it records a check, and without one dev is the default. `target` in (0, 1) is what the lower bound of
        recall is read against without a gate. Raises `BadInput` where nothing can be compared.
        """
        from ..stages import stands_on_test
        from .evaluating import evaluate_reviewer

        where = stage_named(stage)
        checked = split == "test" and reference == "gold" and stands_on_test(self.review, where)
        ledger = self._to_write() if checked else self.ledger
        return evaluate_reviewer(ledger, self.review, where, reviewer, reference, split, target)

    def compare(self, stage: str, first: str, second: str, *, split: str | None = None) -> "ReviewerComparison":
        """Compare two reviewers over the same gold records: who is right where they differ."""
        from ..stages import stands_on_test
        from .evaluating import compare_two

        where = stage_named(stage)
        ledger = self._to_write() if split == "test" and stands_on_test(self.review, where) else self.ledger
        return compare_two(ledger, self.review, where, (first, second), split)

    def choose_thresholds(
        self, stage: str, recall: float, reviewer: str | None = None, *, confidence: float | None = None, looks: int = 1
    ) -> "ChosenThresholds":
        """Choose `until` for a recall in (0, 1) on gold `dev`, from stored judgements.

        With `confidence` the recall is promised at that one-sided confidence, or the choice says why not; `looks` says
        how many choices these labels serve, this one included.
        """
        from .evaluating import choose_thresholds

        where = stage_named(stage)
        return choose_thresholds(self.ledger, self.review, where, reviewer, recall, confidence, looks)

    def export(
        self,
        stage: str | None = None,
        *,
        format: str = "csv",
        only: str | None = None,
        output: AnyPath | None = None,
    ) -> "ExportResult":
        """Return what stands at a stage (default: the first), a row a record or at extraction an item.

        In the format `judgements` it is a row a judgement of a person, without `stage` of all screening stages. `output`
        is a file to write. `only`, of the formats for other tools, takes what is kept, excluded or open.
        Raises `BadInput` for an unknown format and for a file that cannot be written.
        """
        from .exporting import export_stage

        where = stage_named(stage) if stage else None
        return export_stage(self.ledger, self.review, where, format, only, Path(output) if output else None)

    def report(
        self,
        output: AnyPath | None = None,
        *,
        drawings: AnyPath | None = None,
        audit: bool = False,
        texts: bool = True,
        short: bool = False,
        with_synthetic: bool = False,
    ) -> "ReportResult":
        """Collect every figure of the review; write the page, the drawings, or the audit ZIP.

        `output` is the page's file; None writes none. `drawings` is a folder for SVG and PNG. With `audit` the output,
        by default `audit.zip`, is a ZIP with the page and all that it was made from, with abstracts, documents and
        models' answers only if `texts`. The `short` page has summary, flow, accuracy and agreement, without lists.
        Raises `BadInput` where rows came from test servers, unless `with_synthetic`: the page and drawings then say so.
        """
        from .reporting import make_audit, make_report, refuse_report

        refuse_report(self.ledger, with_synthetic=with_synthetic)
        path, folder = Path(output) if output else None, Path(drawings) if drawings else None
        if audit:
            return make_audit(self.ledger, self.review, path or Path("audit.zip"), folder, with_texts=texts)
        return make_report(self.ledger, self.review, path, folder, short=short)

    def status(self) -> "ReviewStatus":
        """Return where the review stands: records by source, standings by stage."""
        from .status import review_status

        return review_status(self.ledger, self.review)


def open(folder: AnyPath, *, join: bool = False) -> OpenReview:
    """Open the review in a folder, which holds `prompts/review.yaml`.

    `join` is needed once where the folder has no id and is to work on a ledger that has one, or that `SCREENER_LEDGER`
    names and that has content. Raises `BadInput` where there is no such folder, no review in it, or a mistake in its protocol, with file and line.
    """
    return OpenReview(read_review(Path(folder)), join=join)


def read_review(folder: Path | None) -> Review:
    """Read the protocol of a folder, or without one that of the nearest review around the working directory."""
    return find_review(review_folder(folder), explicit=True)


def review_folder(folder: Path | None) -> Path:
    """Return a folder that has a review, or without one the nearest around the working directory."""
    if folder is not None and not folder.is_dir():
        raise BadInput(f"{folder}: no such folder; make a review with `screener init {folder}`")
    return find_folder(folder or Path.cwd(), explicit=folder is not None)


def stage_named(name: str) -> Stage:
    """Return the stage of that name; `BadInput` with the ones that there are."""
    try:
        return Stage(name)
    except ValueError:
        raise BadInput(f"stage: `{name}` is none of {', '.join(Stage)}") from None
