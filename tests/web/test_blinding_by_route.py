"""Every route × every role × how far one is with one's own work: what others did is shown to nobody who has yet to judge it."""

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from support import Later
from support.blinded import AGAIN, DONE, FULL, OPEN, RECORDS, RULED, word, words, worked_on
from support.web_server import Browser, Site, served

from screener.core.judgement import Decision, Stage
from screener.team.audit import TERMINAL
from screener.team.roles import ReviewRole, unblind
from screener.team.settings import ServerSettings

pytest.importorskip("fastapi", reason="the server needs screener[server]")
pytest.importorskip("argon2")
WEB, SERVER_REVIEWS = Later("screener.web.app"), Later("screener.web.server_reviews")
OWNER, REVIEWER, ADJUDICATOR, OBSERVER = ReviewRole
PEOPLE: Mapping[str, tuple[ReviewRole, ...]] = {
    "Rita": (REVIEWER,),
    "Rob": (REVIEWER,),
    "Rea": (REVIEWER,),
    "Ruth": (REVIEWER,),
    "Oda": (OWNER, REVIEWER),
    "Ada": (ADJUDICATOR, REVIEWER),
    "Adam": (ADJUDICATOR,),
    "Otto": (OBSERVER,),
    "Olga": (OWNER,),
    "Nina": (),
}
"""Rita, Oda and Ada have judged nothing, Rob one record as one of many, Rea one by itself; Ruth was unblinded."""
JUDGE = {"Rita", "Rob", "Rea", "Oda", "Ada"}
SEES: Mapping[str, set[str]] = {
    "Rea": {DONE},
    **{name: set(RECORDS) for name in ("Ruth", "Adam", "Otto", "Olga")},
    "Nina": set(),
}
"""Of which records each may be shown others' work anywhere; of none where nothing is said."""
RESOLVES = {FULL, DONE}
"""What whoever resolves may be shown among the conflicts: nobody is asked to judge it any more."""
PATH = {
    "stage": [stage.value for stage in Stage],
    "sha256": ["0" * 64],
    "page": ["1"],
    "number": ["1"],
    "n": ["1"],
    "part": ["abstract"],
    "record": list(RECORDS),
}
"""What stands in paths. A route with something else in its path is to be added here."""
ASKED: Mapping[str, list[str]] = {
    "record": list(RECORDS), "stage": [stage.value for stage in Stage], "names": ["shown"], "q": ["zq"], "name": ["studies"],
    "format": ["csv"], "decided": ["1"],
}  # fmt: skip
"""What is asked for where a route can be asked for it."""
SEARCHES = [
    *(f"stage={stage.value}" for stage in (Stage.ABSTRACT, Stage.FULLTEXT)), "q=zq", "person=Ben", "notes=yes", "decision=exclude",
    "sort=probability&excluded_for=signal",
]  # fmt: skip
SEARCHED: Mapping[str, list[str]] = {
    "/records": SEARCHES,
    "/records-file": [f"{search}&format={format}" for search in SEARCHES for format in ("csv", "ris")],
}
"""What is asked for where a route takes more than it names."""
REFUSED = (403, 404)
FIELDS = {
    "names": "shown",
    "tag": "own",
    "which": "all",
    "choice": "include",
    "reason": "x",
    "note": "x",
    "tick": list(RECORDS),
}
"""What every change is sent, with a record and a stage."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with _served(tmp_path_factory.mktemp("blinded")) as running:
        yield running


def _served(folder: Path, first: Decision = Decision.EXCLUDE) -> Any:
    worked_on(folder / "reviews" / "small", again="Rob", done="Rea", first=first)
    return served(folder, ServerSettings(reviews=folder / "reviews"))


@pytest.fixture(scope="module")
def people(site: Site) -> Mapping[str, Browser]:
    browsers = {name: site.joined(name, *roles) for name, roles in PEOPLE.items()}
    for stage in Stage:
        unblind(site.team, TERMINAL, site.review.id, list(PEOPLE).index("Ruth") + 1, stage.value)
    return browsers


@pytest.fixture(scope="module")
def routes(site: Site, people: Mapping[str, Browser]) -> Mapping[str, Any]:
    assert people
    return routes_of(site)


def routes_of(site: Site) -> Mapping[str, Any]:
    """The routes of a review that has all stages, as the server's own app of it describes them."""
    desk = SERVER_REVIEWS.ServerReviews(site.team, ServerSettings(reviews=site.review.folder.parent)).open(
        "small", "Oda"
    )
    described: Mapping[str, Any] = WEB.review_app(desk).openapi()["paths"]
    assert {"/jobs/{number}", "/conflicts", "/extract"} <= described.keys()
    return described


def requests_of(routes: Mapping[str, Any], method: str, records: Iterable[str] = RECORDS) -> Iterator[list[str]]:
    """The addresses of each route of a method: as it is, then with each record and stage that it can be asked for."""
    for pattern, methods in routes.items():
        if method not in methods:
            continue
        in_path = re.findall(r"{(\w+)(?::\w+)?}", pattern)
        assert set(in_path) <= set(PATH), f"{pattern}: say in PATH what may stand there"
        named = [one["name"] for one in methods[method].get("parameters", ()) if one["in"] == "query"]
        options = {**ASKED, "record": list(records)}
        asked = [name for name in named if name in options]
        addresses = []
        for values in product(*(PATH[name] for name in in_path)):
            address = pattern
            for name, value in zip(in_path, values, strict=True):
                address = re.sub(rf"{{{name}(:\w+)?}}", value, address)
            addresses.append(address)
            for query in product(*(options[name] for name in asked)) if asked else ():
                words = "&".join(f"{name}={value}" for name, value in zip(asked, query, strict=True))
                addresses.append(f"{address}?{words}")
        addresses += [f"{pattern}?{search}" for search in SEARCHED.get(pattern, ())]
        yield addresses


def shown_in(answer: Any) -> set[str]:
    """Whose words of others an answer holds, in its headers too."""
    return set(re.findall(r"zq[a-z]+-[a-z]+-[a-z]{4}", f"{answer.headers} {answer.text}"))


def blind_to(name: str, path: str) -> set[str]:
    """The words that a person must not be shown at an address."""
    seen = SEES.get(name, set()) | (RESOLVES if path.startswith("/conflicts") else set())
    return {found for record in RECORDS if record not in seen for found in words(record)}


def each(names: Iterable[str], quick: Iterable[str]) -> list[Any]:
    """People as parameters; all but some are left to the slow tests."""
    return [pytest.param(name, marks=() if name in quick else pytest.mark.slow) for name in names]


@pytest.mark.parametrize("name", each(PEOPLE, ("Rob", "Oda", "Otto")))
def test_no_page_shows_others_work_to_who_has_yet_to_judge_it(
    people: Mapping[str, Browser], routes: Mapping[str, Any], name: str
) -> None:
    browser, shown = people[name], set[str]()
    browser.get("/r/small/")
    for addresses in requests_of(routes, "get"):
        for path in addresses:
            answer = browser.get(f"/r/small{path}", part=True)
            found = shown_in(answer)
            assert not found & blind_to(name, path), path
            shown |= found
            if answer.status_code in REFUSED:
                break  # whatever else one asks it for
    assert EXPECTED.get(name, set()) <= shown


EXPECTED: Mapping[str, set[str]] = {
    **{name: {word("note", FULL, Stage.ABSTRACT)} for name in ("Rita", "Rob", "Oda", "Ada")},
    "Rea": {word(kind, DONE, stage) for stage in Stage for kind in ("note", "thread")}
    | {word("tag", DONE, Stage.ABSTRACT)},
    "Ruth": {word("tag", OPEN, Stage.ABSTRACT), word("thread", OPEN, Stage.ABSTRACT)},
    "Adam": {word("note", FULL, stage) for stage in Stage} | {word("tag", OPEN, Stage.ABSTRACT)},
    "Otto": {word("tag", OPEN, Stage.ABSTRACT), word("ruling", RULED, Stage.EXTRACTION)},
    "Olga": {word("tag", OPEN, Stage.ABSTRACT), word("ruling", RULED, Stage.EXTRACTION)},
}
"""What each is shown somewhere, so that what is not shown to others is known to be there."""


@pytest.mark.parametrize("name", each([*sorted(JUDGE), "Nina"], ()))
def test_no_answer_to_a_change_shows_others_work_to_who_has_yet_to_judge_it(
    people: Mapping[str, Browser], routes: Mapping[str, Any], name: str
) -> None:
    browser = people[name]
    browser.get("/r/small/")
    for addresses in sorted(requests_of(routes, "post"), key=lambda paths: "undo" in paths[0]):
        for path, record in product(addresses, (OPEN, AGAIN)):
            stages = list(Stage) if path.startswith("/conflicts") else [Stage.ABSTRACT]
            answers = [browser.post(f"/r/small{path}", record=record, stage=stage.value, **FIELDS) for stage in stages]
            for answer in answers:
                assert not shown_in(answer) & blind_to(name, path), (path, record, answer.text)
            if answers[0].status_code in REFUSED:
                break


@pytest.mark.slow
def test_what_others_decided_changes_nothing_that_is_shown_to_an_owner_who_has_yet_to_judge(tmp_path: Path) -> None:
    told = dict[Decision, dict[str, str]]()
    for first in (Decision.INCLUDE, Decision.EXCLUDE):
        with _served(tmp_path / first.value, first) as site:
            oda = site.joined("Oda", OWNER, REVIEWER)
            oda.get("/r/small/")
            addresses = [path for paths in requests_of(routes_of(site), "get") for path in paths]
            told[first] = {path: plain(oda.get(f"/r/small{path}", part=True)) for path in addresses}
    differing = [
        path for path in told[Decision.INCLUDE] if told[Decision.INCLUDE][path] != told[Decision.EXCLUDE][path]
    ]
    assert differing == []


def plain(answer: Any) -> str:
    """What came, without what is another one each time."""
    volatile = r'X-CSRF-Token": "\w+"|[0-9a-f]{12,}|>\d{5,}<|\d{4}-\d\d-\d\d[T ]\d\d:\d\d[:.\dZ]*|\d\d:\d\d(:\d\d)?'
    return re.sub(volatile, "", f"{answer.status_code} {answer.headers.get('content-type')} {answer.text}")
