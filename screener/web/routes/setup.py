"""Setup: the protocol, its sources and the extraction form, written in the browser into the same files."""

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response

from ...core.errors import BadInput
from ...core.judgement import Stage
from ...core.yaml_text import YamlText
from ...core.yamlfile import Path_
from ...protocol import Review
from ...review.protocol_editing import (
    BlockedBy,
    ChangedMeanwhile,
    Outlook,
    Problem,
    fingerprint,
    outlook,
    read_text,
    save,
)
from ..desk import NOT_SAVED, Desk
from ..fields import Lists
from ..problem_words import place_of, problem_words
from ..setup_specs import SetupPage, form_page, setup_pages
from ..yaml_fields import Values, filled, new_entry, read_file, read_sent, rows_named, shown_name, used
from ..yaml_writing import write

PROTOCOL = "review.yaml"
NEW_FORM = "form.yaml"


@dataclass
class _Sheet:
    """A page of Setup at work: the files as they are, and what the form says."""

    desk: Desk
    review: Review
    page: SetupPage
    here: str
    texts: Mapping[str, str]
    """The files that saving may change, as they are now."""
    text: YamlText
    values: Values
    named: Values = field(default_factory=dict)
    """The same, with names for new entries that nobody has named yet: as it would be saved."""
    newest: str = ""
    open: frozenset[str] = frozenset()
    reason: str = ""

    @property
    def made_of(self) -> str:
        """Return what the page is made of."""
        return fingerprint(self.texts)

    def changed(self) -> dict[str, str]:
        """Return the files as the form would have them."""
        text = YamlText(self.texts[self.page.file], self.page.file)
        self.named = copy.deepcopy(self.values)
        write(self.page.parts, self.named, text, self.page.base)
        texts = {**self.texts, self.page.file: text.result()}
        if self.page.file != PROTOCOL and PROTOCOL in texts and text.data != YamlText(self.texts[self.page.file]).data:
            protocol = YamlText(texts[PROTOCOL], PROTOCOL)
            where: Path_ = ("stages", Stage.EXTRACTION.value, "form") if self.page.id == "form" else ("sources",)
            protocol.set(where, self.page.file)
            texts[PROTOCOL] = protocol.result()
        return texts


def router(desk: Desk) -> APIRouter:
    """Return the routes of Setup."""
    routes = APIRouter()

    @routes.get("/setup")
    @routes.get("/setup/{part}")
    def protocol(request: Request, part: str = "") -> HTMLResponse:
        return _whole(request, _opened(desk, part))

    @routes.post("/setup")
    @routes.post("/setup/{part}")
    def change_protocol(request: Request, sent: Lists, part: str = "") -> Response:
        return _answered(request, _opened(desk, part), sent)

    @routes.get("/form")
    def form(request: Request) -> HTMLResponse:
        try:
            return _whole(request, _opened_form(desk))
        except BadInput as error:
            return desk.page(request, "setup_elsewhere.html", screen="form", heading="Form", why=str(error))

    @routes.post("/form")
    def change_form(request: Request, sent: Lists) -> Response:
        return _answered(request, _opened_form(desk), sent)

    return routes


def _opened(desk: Desk, part: str) -> _Sheet:
    review = Review(desk.review.root)
    page = next((page for page in setup_pages(review) if page.href == (f"/setup/{part}" if part else "/setup")), None)
    if page is None:
        raise BadInput("Setup has no such page.")
    return _sheet(desk, review, page, also=page.id == "sources" and review.protocol.sources is None)


def _opened_form(desk: Desk) -> _Sheet:
    review = Review(desk.review.root)
    files = review.stage(Stage.EXTRACTION).form
    written = [name for name in files if name.endswith((".yaml", ".yml"))]
    if files and not written:
        raise BadInput(
            "The form of this review is a program in Python. "
            + (
                "Only the administrator of this server can change it, or make a form of it that can be changed here."
                if desk.on_server
                else "`screener form to-yaml` makes a form of it that can be changed here."
            )
        )
    return _sheet(desk, review, form_page(written[0] if written else NEW_FORM), also=not files)


def _sheet(desk: Desk, review: Review, page: SetupPage, also: bool) -> _Sheet:
    if PurePath(page.file).name != page.file:
        who = "the administrator can change it" if desk.on_server else "change it in an editor"
        raise BadInput(f"{page.file}: lies in another folder than review.yaml; {who}")
    texts = {name: read_text(review.prompts / name) for name in {page.file: 0, **({PROTOCOL: 0} if also else {})}}
    text = YamlText(texts[page.file], page.file)
    values = read_file(page.parts, text, page.base)
    return _Sheet(desk, review, page, page.href, texts, text, values)


def _answered(request: Request, sheet: _Sheet, sent: Mapping[str, list[str]]) -> Response:
    """Return what the form says after what was asked of it: a check, a change of its lists, or to be saved."""
    act = (sent.get("act") or ["check"])[-1]
    made_of = (sent.get("made_of") or [""])[-1]
    sheet.reason = (sent.get("reason") or [""])[-1]
    sheet.open = frozenset((sent.get("open") or [""])[-1].split())
    if made_of != sheet.made_of:
        return PlainTextResponse(
            f"Not saved: prompts/{sheet.page.file} was changed after this page was opened, in another window or by somebody "
            "else. What you typed is still here. Open Setup in a second window, and bring over what you changed.",
            409,
        )
    sheet.values = read_sent(sheet.page.parts, sent, sheet.text, sheet.page.base)
    if act == "check":
        return sheet.desk.part("_setup_check.html", **_seen(sheet), refused="")
    if act != "save":
        _arrange(sheet, act)
        return _whole(request, sheet)
    try:
        changed = save(sheet.desk.ledger, sheet.review, sheet.changed(), made_of, sheet.desk.reviewer, sheet.reason)
    except ChangedMeanwhile as error:
        return PlainTextResponse(str(error), 409)
    except BadInput as error:
        refused = str(error)
        if isinstance(error, BlockedBy):
            refused = f"Not saved. {problem_words(error.problem, _all_pages(sheet))}"
        told = sheet.desk.part("_setup_check.html", **_seen(sheet), refused=refused)
        told.headers.update({**NOT_SAVED, "HX-Retarget": "#setup-check"})
        return told
    saved = (
        _opened_form(sheet.desk)
        if sheet.page.id == "form"
        else _opened(sheet.desk, sheet.here.removeprefix("/setup").strip("/"))
    )
    saved.open = sheet.open
    message = "Saved" if changed else "Nothing to save: the file says this already"
    if changed and not sheet.desk.home:
        message = "Saved. Start the program again to judge by it"
    answer = _whole(request, saved, message)
    answer.headers["X-Saved"] = "1"
    return answer


def _arrange(sheet: _Sheet, act: str) -> None:
    """Add, remove or move an entry of a list."""
    what, _, place = act.partition(":")
    prefix = ".".join(map(str, sheet.page.base))
    if what == "add":
        number, _, place = place.partition(":")
        rows, entries = rows_named(
            sheet.page.parts, sheet.values, place.removeprefix(f"{prefix}.") if prefix else place
        )
        if not number.isdecimal() or int(number) >= len(rows.new):
            raise BadInput("Setup has no such entry.")
        entries.append(new_entry(rows, int(number)))
        sheet.newest = f"{place}.{len(entries) - 1}"
        sheet.open |= {sheet.newest}
        return
    name, _, number = place.rpartition(".")
    _, entries = rows_named(sheet.page.parts, sheet.values, name.removeprefix(f"{prefix}.") if prefix else name)
    at = int(number) if number.isdecimal() else -1
    to = at + {"up": -1, "down": 1}.get(what, 0)
    if what not in ("up", "down", "remove") or not (0 <= at < len(entries) and 0 <= to < len(entries)):
        raise BadInput("Setup has no such entry.")
    sheet.open = frozenset(opened for opened in sheet.open if not (opened + ".").startswith(f"{name}."))
    entry = entries.pop(at)
    if what != "remove":
        entries.insert(to, entry)
        sheet.open |= {f"{name}.{to}"}


def _whole(request: Request, sheet: _Sheet, message: str = "") -> HTMLResponse:
    pages = [] if sheet.page.id == "form" else setup_pages(sheet.review)
    return sheet.desk.page(
        request, "setup.html", screen="form" if sheet.page.id == "form" else "setup", heading=sheet.page.name,
        message=message, pages=pages, current=sheet.page, here=sheet.here, made_of=sheet.made_of, values=sheet.values,
        names_from=".".join(map(str, sheet.page.base)), open=sheet.open, newest=sheet.newest, reason=sheet.reason,
        used=used, filled=filled, refused="", titles=[section.title for section in sheet.page.sections], **_seen(sheet),
    )  # fmt: skip


def _seen(sheet: _Sheet) -> dict[str, Any]:
    """Return what the check says of the form, each mistake by the name of its field or with the page that it is on."""
    try:
        seen = outlook(sheet.desk.ledger, sheet.review, sheet.changed())
    except BadInput as error:
        seen = Outlook((Problem("", (), str(error), blocks=True),), ())
    here: list[tuple[str, Problem]] = []
    elsewhere: dict[SetupPage | None, list[Problem]] = {}
    base, pages = sheet.page.base, _all_pages(sheet)
    for problem in seen.problems:
        if problem.file == sheet.page.file and problem.where[: len(base)] == base and _is_mine(sheet, problem.where):
            name = shown_name(sheet.page.parts, sheet.named, problem.where[len(base) :])
            here.append((".".join([*map(str, base), *([name] if name else [])]), problem))
        else:
            elsewhere.setdefault(place_of(problem, pages), []).append(problem)
    return {
        "problems": here, "words": lambda problem: problem_words(problem, pages), "advice": _advice(sheet, seen), "elsewhere": list(elsewhere.items()), "effects": seen.effects,
        "needs_reason": any(effect.needs_reason for effect in seen.effects),
    }  # fmt: skip


def _all_pages(sheet: _Sheet) -> list[SetupPage]:
    """Return the pages of Setup, and that of the form where it is the one that is shown."""
    pages = setup_pages(sheet.review)
    return pages if sheet.page in pages else [sheet.page, *pages]


def _advice(sheet: _Sheet, seen: Outlook) -> list[tuple[str, str]]:
    """Return advice on the wording of what the page shows, each with the name of its field."""
    base = sheet.page.base
    told = [
        advice
        for advice in seen.advice
        if base and advice.file == sheet.page.file and advice.where[: len(base)] == base
    ]
    return [
        (
            ".".join([*map(str, base), shown_name(sheet.page.parts, sheet.named, advice.where[len(base) :])]),
            advice.advice,
        )
        for advice in told
    ]


def _is_mine(sheet: _Sheet, where: Path_) -> bool:
    """Return whether the page shows a place: the first page of the protocol has no stages."""
    return bool(sheet.page.base) or sheet.page.file != PROTOCOL or where[:1] != ("stages",)
