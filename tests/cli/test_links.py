"""`screener links`: what is seen at addresses is kept beside what reports claim, and changes nothing of it."""

from collections.abc import Callable
from pathlib import Path

import pytest
from servers.services import Services
from servers.services.repositories import GitHubApi, Repository
from support import Cli
from support.tables import FORM, extract, reported, trials

pytestmark = pytest.mark.slow
PARTS = """
tables:
  reproducibility:
    Code: {item: arms.name.drug, link: arms.name.code}
"""
GONE, THERE = "https://github.com/lab/gone", "https://github.com/lab/net"


@pytest.fixture
def review(tmp_path: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Trials whose arms give the address of their code, and call it open."""
    folder = trials(tmp_path / "review", cli, PARTS)
    code = "    code: Item[str] = Field("
    linked = FORM.replace("from pydantic", "from typing import Annotated\nfrom pydantic", 1).replace(
        code, '    code: Annotated[Item[str], Link(near=("code",))] = Field('
    )
    (folder / "prompts" / "form.py").write_text(linked)
    for name, address in (("ada", THERE), ("bo", GONE)):
        items = {"arms[0].name.drug": reported("open"), "arms[0].name.code": reported(address)}
        extract(folder, name, "ann", items)
    monkeypatch.chdir(folder)
    return folder


def claims(cli: Cli) -> list[dict[str, object]]:
    return [row for row in cli("export", "--stage", "extraction", "--json").json if row["item"]]


def test_what_is_seen_stands_beside_the_claim(review: Path, cli: Cli, serve: Callable[..., Services]) -> None:
    server = serve(GitHubApi({"lab/net": Repository("lab/net", "MIT", ["net.onnx"])}))
    before = claims(cli)
    assert cli("links", "--dry-run", "--json").json["open"] == [THERE, GONE]
    assert server.requests == []
    found = cli("links", "--who", "zoe", "--json").json
    assert [(link["status"], link["answers"], link["who"]) for link in found["links"]] == [
        (200, True, "zoe"), (404, False, "zoe"),
    ]  # fmt: skip
    assert claims(cli) == before
    rows = {row["id"]: row for row in cli("export", "--table", "links", "--json").json["rows"]}
    assert (rows["ada"]["licence_seen"], rows["ada"]["weights_seen"], rows["ada"]["says"]) == (
        "MIT",
        ["net.onnx"],
        "drug: open",
    )
    assert (rows["bo"]["status"], rows["bo"]["answers"], rows["bo"]["says"]) == (404, "no", "drug: open")
    units = cli("export", "--table", "reproducibility_units", "--json").json["rows"]
    assert [row["Code"] for row in units] == ["there", "there"]
    assert units[0]["Code: observed"].startswith("there (200) on 20")
    assert units[1]["Code: observed"].startswith("nothing there (404) on 20")
    counted = next(
        row for row in cli("export", "--table", "reproducibility", "--json").json["rows"] if row["year"] == "all"
    )
    assert (counted["there"], counted["with_address"], counted["answers"], counted["answers_not"]) == (2, 2, 1, 1)


def test_what_has_answered_is_not_asked_again_and_a_stop_goes_on(
    review: Path, cli: Cli, serve: Callable[..., Services]
) -> None:
    server = serve(GitHubApi({"lab/net": Repository("lab/net")}))
    first = cli("links", "--most-requests", "2", "--json")
    assert (first.code, first.json["looked"], first.json["open"]) == (3, 1, [GONE])
    assert "as many as you allow" in first.err
    assert cli("links", "--json").json["looked"] == 1
    asked = len(server.requests)
    assert cli("links", "--json").json["looked"] == 0
    assert len(server.requests) == asked
    assert cli("links", "--again", "--json").json["looked"] == 2


def test_an_address_that_cannot_be_asked_is_listed_and_tried_again(
    review: Path, cli: Cli, serve: Callable[..., Services]
) -> None:
    serve(GitHubApi({"lab/net": Repository("lab/net")}))
    extract(review, "cho", "ann", {"arms[0].name.code": reported("on request")})
    for looked in (3, 1):
        result = cli("links", "--json")
        assert (result.code, result.json["looked"]) == (3, looked)
        assert "on request: is no web address" in result.err
    row = cli("export", "--table", "reproducibility", "--json").json["rows"][0]
    assert (row["with_address"], row["answers"], row["answers_not"]) == (3, 1, 1)
