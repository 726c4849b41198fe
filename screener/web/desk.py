"""What every screen shares: the review, the ledger, whose desk it is, and how a page is made."""

import hashlib
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from functools import cached_property
from threading import Thread
from typing import Any

from fastapi import Request
from jinja2 import Environment
from starlette.responses import HTMLResponse

from ..adjudication import (
    RECOUNT_SECONDS,
    OpenRecord,
    Progress,
    QueueLearner,
    SoFar,
    ensure,
    judged_so_far,
    learner_of,
    next_record,
    open_elsewhere,
    progress,
    release_all,
    so_far,
    study,
    wait_for_others,
)
from ..core.errors import BadInput, LedgerError
from ..core.judgement import Answer, Stage
from ..documents import Document, EvidenceTexts, Report
from ..evaluation import StoppingState, UnblindedChanges, changes, count, inter_rater_agreement, stopping_state
from ..forms import FormSpec
from ..ledger import (
    Ledger,
    Snapshot,
    loader,
    newest_id,
    open_pairs,
    open_records,
    reads,
    reports,
    words_of,
)
from ..ledger.hub import read_hub
from ..ledger.store import Connection
from ..protocol import Review, apply_rule
from ..records import Record
from ..review.record_lists import lists_of
from ..review.uploads import UploadLimits
from ..stages import AgreementCounts, Stale, form_of, ids_for, unrecorded
from ..team.roles import May
from .job_board import JobBoard
from .keys import KEYS
from .marks import KnownMarks, ShownMark
from .own_settings import without_folder
from .page_words import told_on_page
from .pages import NOT_SAVED as NOT_SAVED
from .pages import Refusal as Refusal
from .pages import environment, in_page_words, page
from .pictures import Pictures
from .present_rights import present_rights, viewer
from .problem_words import unfinished_words
from .sight import Sight

MANY = 5_000
"""In a ledger of so many judgements all is counted while somebody waits; in a larger one aside."""
NEAR_THE_END = 200
"""So few that are left for a person are counted anew each time, however many records there are."""


GROUPS = (("records", "Records"), ("review", "Review"))
"""The menus of the navigation, each with its name; what is in `judge` stands beside them."""


@dataclass(frozen=True)
class Screen:
    """An entry of the navigation; `key` follows `g`, `group` is one of `GROUPS`."""

    id: str
    href: str
    name: str
    key: str
    group: str = "judge"


@dataclass
class Desk(Sight):
    """One reviewer at work on one review. `screens` are those that can be reached."""

    review: Review
    ledger: Ledger
    reviewer: str
    base: str = ""
    """What stands before every address of the app: empty where it is the only one of its server."""
    home: str = ""
    """The address of the page with all reviews; empty where the app has one review."""
    own_page: str = ""
    """The address of the page on one's account; empty where there are none."""
    jobs: JobBoard | None = None
    """What takes longer than a request; None where nobody does jobs."""
    limits: UploadLimits = field(default_factory=UploadLimits)
    """How much may be sent in files."""
    pictures: Pictures = field(default_factory=Pictures)
    left_pages: deque[str] = field(default_factory=lambda: deque(maxlen=200))
    """The pages of the reviewer's windows that were left last; none comes back under its name."""
    _held: ExitStack = field(default_factory=ExitStack)
    _cached: dict[tuple[str, Stage], tuple[float, Any]] = field(default_factory=dict)
    _so_far: dict[Stage, tuple[float, SoFar]] = field(default_factory=dict)
    _tag_words: tuple[float, Sequence[str]] = (0.0, ())
    _rule_answers: dict[tuple[str, str, str], dict[str, Answer]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Begin with nothing known."""
        self.marks = KnownMarks(self.ledger, self.review, in_background)
        self.learner: QueueLearner | None = None
        """What keeps learned queues up to date while the app runs."""

    def begin(self, *, first: bool = True) -> None:
        """Prepare the queues while the browser is opening.

        The first time that the program does, what was open when it ended last, also by a crash, is given back.
        """
        if first:
            release_all(self.ledger, self.reviewer)
        self.learner = self._held.enter_context(learner_of(self.ledger, self.review.hidden))
        in_background(self.prepare)

    def close(self, *, gives_back: bool = True) -> None:
        """End what works for the desk, and give back what the reviewer has open unless another desk takes its place."""
        self._held.close()
        self.pictures.close()
        if gives_back:
            release_all(self.ledger, self.reviewer)

    def prepare(self) -> None:
        """Put the records into this reviewer's order and count what is done, while the browser is still opening."""
        for stage in self.review.protocol.stages:
            try:
                ensure(self.ledger, self.review, stage, self.reviewer)
                progress(self.ledger, self.review, stage, self.reviewer)
            except (BadInput, LedgerError):
                # Whoever opens that screen is told; here there is nobody to tell.
                continue
        for stage in self.review.protocol.stages:
            if self.learner is not None:
                self.learner.renew(self.review, stage)
        if self.own_page:  # on a server what few ask for waits until somebody does: many judge meanwhile
            return
        with suppress(LedgerError):
            lists = lists_of(self.ledger, self.review)
            for stage in self.review.protocol.stages:
                lists.stage(stage, lists.index())

    def progress(self, stage: Stage) -> Progress:
        """Return how far a stage is, with this reviewer's queue brought up to date; in a large ledger some seconds old."""
        with suppress(BadInput):  # whoever opens that screen is told; here the rest of the overview is wanted
            ensure(self.ledger, self.review, stage, self.reviewer, in_background, exact=self.small)
        return progress(self.ledger, self.review, stage, self.reviewer)

    @property
    def small(self) -> bool:
        """Return whether the ledger is so small that all is counted while somebody waits."""
        with self.ledger.read() as connection:
            return newest_id(connection, "judgements") <= MANY

    def next_record(self, request: Request, stage: Stage) -> tuple[Record | None, str]:
        """Return the next record for this window of the reviewer's, and what to say of where it comes from."""
        with self.ledger.read() as connection:
            leases = open_records(connection, stage)
        record = next_record(
            self.ledger, self.review, stage, self.reviewer, holder=holder(request), behind=in_background
        )
        if self.learner is not None:
            self.learner.look(self.review, stage)
        elsewhere = record is not None and any(
            lease.reviewer == self.reviewer and not lease.in_window(holder(request)) for lease in leases[record.id]
        )
        return record, "This was open in another window of yours; now it is open here" if elsewhere else ""

    def so_far(self, connection: Connection, stage: Stage) -> str:
        """Return how far this reviewer is, in words. In a large review what others did is some seconds old, not what they did."""
        counted_at, counted = self._so_far.get(stage, (0.0, None))
        few = newest_id(connection, "hits") <= MANY or (counted is not None and counted.left < NEAR_THE_END)
        if few or counted is None or time.monotonic() - counted_at > RECOUNT_SECONDS:
            counted = so_far(connection, self.review, stage, self.reviewer)
            self._so_far[stage] = (time.monotonic(), counted)
        return str(counted if few else counted.after(judged_so_far(connection, stage, self.reviewer)))

    def renew_queue(self, stage: Stage) -> None:
        """Have this reviewer's queue made anew where what it was made from has changed, before it is counted."""
        with suppress(BadInput):  # whoever opens the queue itself is told
            ensure(self.ledger, self.review, stage, self.reviewer, in_background)

    def done(self, request: Request, stage: Stage, message: str, *, undo: str) -> HTMLResponse:
        """Return the page that says that nothing is left for the reviewer, and what others have open; `undo` is a path."""
        elsewhere = open_elsewhere(self.ledger, self.review, stage, self.reviewer)
        undo = undo if self.has_judged(stage) else ""
        return self.page(
            request, "done.html", screen=stage.value, heading=stage.label, stage=stage.value, message=message, undo=undo,
            elsewhere=self.titled(elsewhere), waiting=wait_for_others(self.ledger, self.review, stage, self.reviewer),
        )  # fmt: skip

    def titled(self, records: Sequence[OpenRecord]) -> list[tuple[str, OpenRecord]]:
        """Return records that others have open, each with its title."""
        with self.ledger.read() as connection:
            titles = reads.titles(connection, list({record.record_id for record in records}))
        return [(titles.get(record.record_id) or record.record_id, record) for record in records]

    def sees_figures(self, stage: Stage) -> bool:
        """Return whether this person may see counts of others' decisions at a stage: nothing is left that these could colour."""
        if self.sees_all(stage):
            return True
        for listed in self.review.protocol.stages:
            self.renew_queue(listed)
        return self.blinding.sees_figures(stage)

    @cached_property
    def form(self) -> FormSpec | None:
        """Return the extraction form, or None where the review has none."""
        return form_of(self.review) if Stage.EXTRACTION in self.review.protocol.stages else None

    @cached_property
    def screens(self) -> Sequence[Screen]:
        """Return what the review has a use for."""
        stages = self.review.protocol.stages
        return [
            Screen("overview", "/", "Overview", "o"),
            *([Screen("abstract", "/screen/abstract", Stage.ABSTRACT.label, "s")] if Stage.ABSTRACT in stages else []),
            *([Screen("fulltext", "/screen/fulltext", Stage.FULLTEXT.label, "f")] if Stage.FULLTEXT in stages else []),
            *([Screen("extraction", "/extract", Stage.EXTRACTION.label, "e")] if Stage.EXTRACTION in stages else []),
            Screen("conflicts", "/conflicts", "Conflicts", "c"),
            *([Screen("import", "/import", "Import", "i", "records")] if self.jobs is not None else []),
            Screen("records", "/records", "Records", "r", "records"),
            Screen("duplicates", "/duplicates", "Duplicates", "d", "records"),
            *([Screen("models", "/models", "Models", "m", "records")] if self._has_models else []),
            *(
                [Screen("full-texts", "/full-texts", "Missing full texts", "w", "records")]
                if Stage.FULLTEXT in stages
                else []
            ),
            Screen("setup", "/setup", "Setup", "p", "review"),
            *([Screen("form", "/form", "Form", "b", "review")] if Stage.EXTRACTION in stages else []),
            *([Screen("run", "/run", "Run", "u", "review")] if self.jobs is not None and self.jobs.may("run") else []),
            *([Screen("tables", "/tables", "Tables", "t", "review")] if Stage.EXTRACTION in stages else []),
            Screen("results", "/results", "Results", "v", "review"),
            Screen("trust", "/trust", "Can I trust it?", "y", "review"),
            Screen("gold", "/gold", "Gold", "l", "review"),
            Screen("assignment", "/assignment", "Assignment", "a", "review"),
        ]

    def reachable(self) -> Sequence[Screen]:
        """Return the screens that this person's roles let them open."""
        present = present_rights()
        return [screen for screen in self.screens if present is None or present.may_open(screen.href)]

    def _beside(self) -> Sequence[tuple[str, str]]:
        """Return the server's pages about this review that the person may open, beside its screens: address and name."""
        present, slug = present_rights(), self.base.rpartition("/")[2]
        pages = ((May.INVITE, f"/people/{slug}", "People"), (May.SEE_AUDIT, f"/audit/{slug}", "Audit"))
        return [] if present is None else [(href, name) for may, href, name in pages if present.rights.may(may)]

    @cached_property
    def to_write(self) -> list[str]:
        """Return what is still the template's in the protocol, and what else has no effect."""
        return unfinished_words(self.review)

    @property
    def on_server(self) -> bool:
        """Return whether somebody else administers the program: then there is no terminal to be sent to."""
        return bool(self.own_page)

    def told(self, error: Exception) -> str:
        """Return what a page tells of an error: the pages that mend it, and on a server nothing of where files are."""
        told = told_on_page(error, on_server=self.on_server)
        return without_folder(told, self.review.root) if self.on_server else told

    @property
    def _has_models(self) -> bool:
        with self.ledger.read() as connection:
            return bool(read_hub(connection).entries)  # as the app begins

    def unblinded_changes(self, stage: Stage) -> UnblindedChanges | None:
        """Return how often people changed their answers after seeing the machine; None while that is still being counted."""
        totals: UnblindedChanges | None = self._cached_or_counted(
            ("unblinded_changes", stage), lambda: count(changes(self.ledger, self.review, stage))
        )
        return totals

    def blind_agreement(self, stage: Stage) -> AgreementCounts | None:
        """Return how far people agree in what they said before they saw the machine; None while that is still being counted."""

        def measured() -> AgreementCounts:
            agreement = inter_rater_agreement(self.ledger, stage, self.review.stage(stage))
            return agreement.counts if agreement else AgreementCounts()

        counts: AgreementCounts | None = self._cached_or_counted(("blind", stage), measured)
        return counts

    def stopping(self, stage: Stage) -> StoppingState | None:
        """Return the state of the rule for stopping that a stage names; None without one, or while that is looked up."""
        if self.review.stage(stage).stopping is None:
            return None

        def look() -> StoppingState | None:
            names = set(ids_for(self.ledger, self.review, stage))
            return stopping_state(Snapshot(self.ledger), self.review, stage, names)

        state: StoppingState | None = self._cached_or_counted(("stopping", stage), look)
        return state

    def unrecorded(self, stage: Stage) -> Stale | None:
        """Return what an unrecorded change of wording makes stale; None without one, or while that is looked up."""

        def find() -> Stale | None:
            try:
                return unrecorded(self.ledger, self.review, stage)
            except BadInput:  # gold that cannot be read is told of where gold is asked for
                return None

        stale: Stale | None = self._cached_or_counted(("stale", stage), find)
        return stale

    def forget(self) -> None:
        """Count anew what was counted aside."""
        self._cached.clear()

    def _cached_or_counted(self, key: tuple[str, Stage], work: Callable[[], Any]) -> Any:
        """Return what `work` gives. In a large ledger it is done in_background, now and then, and what it gave last is returned."""
        if self.small:
            return work()
        counted_at, value = self._cached.get(key, (0.0, None))
        if not counted_at or time.monotonic() - counted_at > RECOUNT_SECONDS:
            self._cached[key] = (time.monotonic(), value)
            in_background(lambda: self._cached.update({key: (time.monotonic(), work())}))
        return value

    def tag_words(self, connection: Connection) -> Sequence[str]:
        """Return the words that this reviewer may see as tags anywhere, the most used first; looked up now and then."""
        looked_up_at, words = self._tag_words
        if not looked_up_at or time.monotonic() - looked_up_at > RECOUNT_SECONDS:
            words = words_of(connection, self.reviewer, self.may_see)
            self._tag_words = (time.monotonic(), words)
        return words

    def tags_changed(self) -> None:
        """Look the words up anew next time."""
        self._tag_words = (0.0, ())

    @cached_property
    def load(self) -> Callable[[str], Document]:
        """Reads a document by the hash of its text; the last few are kept."""
        return loader(self.ledger)

    def record(self, stage: Stage, name: str) -> Record:
        """Return the record with an id or alias, from full text on as a `Report`; `BadInput` if there is none."""
        with self.ledger.read() as connection:
            record = reads.find_record(connection, name)
        if record is None:
            raise BadInput(f"{name}: no record has this id")
        if stage is Stage.ABSTRACT:
            return record
        report = (
            study(self.ledger, self.review, record, viewer(self.reviewer))
            if stage is Stage.EXTRACTION
            else reports(self.ledger, [record])[0]
        )
        return report.model_copy(update={"load": self.load})

    def open_links(self, name: str) -> list[tuple[str, str, str]]:
        """Return what the program has linked with a record and nobody has looked at: kind, the other's id and its title."""
        with self.ledger.read() as connection:
            others = [(pair.link.kind, pair.other(name)) for pair in open_pairs(connection, record=name)]
            titles = reads.titles(connection, [other for _, other in others])
        return [(kind, other, titles.get(other, other)) for kind, other in others]

    def shown_mark(self, record: Record) -> ShownMark | None:
        """Return what is known against a record, or gravest of all reports of a study, and their notices."""
        return self.marks.of((record.id, *(record.study if isinstance(record, Report) else ())))

    def rule_answers(self, stage: Stage, record: Record) -> dict[str, Answer]:
        """Return what code says of the stage's rules, by criterion."""
        key = (stage.value, record.id, record.text_hash)
        if isinstance(record, Report) and key in self._rule_answers:
            return self._rule_answers[key]
        written = EvidenceTexts.of(record).documents.values() if isinstance(record, Report) else ()
        texts = [document.text for document in written]
        answers = {rule.id: apply_rule(rule, record, texts) for rule in self.review.stage(stage).rules}
        if isinstance(record, Report):
            self._rule_answers = {**dict(list(self._rule_answers.items())[-50:]), key: answers}
        return answers

    def stage(self, name: str, *allowed: Stage) -> Stage:
        """Return the stage of that name if the review has it and it is one of `allowed`; `BadInput` otherwise."""
        stage = next((listed for listed in self.review.protocol.stages if listed.value == name), None)
        if stage is None or (allowed and stage not in allowed):
            raise BadInput(f"{name}: the review has no such stage")
        return stage

    @cached_property
    def templates(self) -> Environment:
        """Return the templates of this reviewer's pages."""
        return environment(
            base=self.base, assets="" if self.home else self.base, home=self.home, own_page=self.own_page, place=self.place, reviewer=self.reviewer, review_title=self.review.protocol.title,
            nav_groups=GROUPS, key_help=KEYS, keys_of_stages={screen.id: screen.key for screen in self.screens},
            open_links=self.open_links, shown_mark=self.shown_mark,
        )  # fmt: skip

    @cached_property
    def place(self) -> str:
        """Return a name for this reviewer's work on this review, under which the browser keeps what it could not send."""
        whole = f"{self.review.root.resolve()}\n{self.review.protocol.title}\n{self.reviewer}"
        return hashlib.sha256(whole.encode("utf-8", "surrogateescape")).hexdigest()[:16]

    def page(self, request: Request, template: str, *, screen: str, heading: str, **context: Any) -> HTMLResponse:
        """Return a page, or where the browser only changes its middle, that part."""
        context.setdefault("nav", self.reachable())
        context.setdefault("beside", self._beside())
        return page(self.templates, request, template, screen=screen, heading=heading, **context)

    def part(self, template: str, **context: Any) -> HTMLResponse:
        """Return a part of a page."""
        return HTMLResponse(self.templates.get_template(template).render(**in_page_words(self.templates, context)))


def in_background(work: Callable[[], None]) -> None:
    """Do what nobody waits for; the program may end before it is done."""
    Thread(target=work, daemon=True).start()


def with_origin(message: str, origin: str) -> str:
    """Return a message with what is to be said of where the next record comes from; a refusal stays as it is."""
    if not origin or isinstance(message, Refusal):
        return message
    return f"{message}. {origin}" if message else origin


def holder(request: Request) -> str:
    """Return which browser window is asking, and on which page: two windows of one reviewer get different records."""
    return request.headers.get("x-window", "")[:64]


def window(request: Request) -> str:
    """Return which browser window is asking, whatever page it shows."""
    return holder(request).partition(".")[0]
