"""Setup on a server: an owner names the server's models and reaches nothing else; others write no protocol."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from support.sent_form import sent_form
from support.web_app import PROTOCOL

pytest.importorskip("fastapi", reason="the server needs screener[server]")
pytest.importorskip("argon2")
from support.web_server import Browser, Site, served

from screener.team.roles import ReviewRole
from screener.team.settings import ServerSettings

OWNER, REVIEWER, ADJUDICATOR, OBSERVER = ReviewRole
SETUP = "/r/small/setup"
MODELS = {"models": {"mini": {"model": "openai:mini", "base_url": "https://models.example/v1", "api_key_env": "KEY"}}}


@pytest.fixture
def site(made: Path, tmp_path: Path) -> Iterator[Site]:
    shutil.copytree(made, tmp_path / "reviews" / "small")
    settings = ServerSettings.model_validate({"reviews": tmp_path / "reviews", **MODELS})
    with served(tmp_path, settings) as running:
        yield running


def save(owner: Browser, path: str, **changed: str | list[str]) -> tuple[int, str]:
    """Open a page of Setup, send it with something changed, and return what came back."""
    page = owner.get(path)
    assert page.status_code == 200, page.text[:300]
    fields = sent_form(page.text, '<form class="setup"')
    answer = owner.post(path, **{**fields, **changed, "act": "save"})
    return answer.status_code, answer.text


def test_an_owner_names_a_model_of_the_server_and_the_next_page_works_by_the_new_protocol(site: Site) -> None:
    owner = site.joined("Olga", OWNER)
    page = owner.get(SETUP)
    fields = sent_form(page.text, '<form class="setup"')
    added = owner.post(SETUP, **{**fields, "act": "add:0:reviewers"})
    assert '<option value="openai:mini"' in added.text
    assert "base_url" not in added.text
    fields = sent_form(added.text, '<form class="setup"') | {
        "reviewers.1..key": ["mini"], "reviewers.1.model": ["openai:mini"], "title": ["Renamed <b>here</b>"],
    }  # fmt: skip
    assert owner.post(SETUP, **{**fields, "act": "save"}).status_code == 200
    data = yaml.safe_load((site.review.folder / "prompts" / "review.yaml").read_text())
    assert data["reviewers"] == {"embedded": {"kind": "embedded"}, "mini": {"kind": "chat", "model": "openai:mini"}}
    overview = owner.get("/r/small/").text
    assert "Renamed &lt;b&gt;here" in overview
    assert '<option value="mini"' in owner.get(f"{SETUP}/abstract").text


ATTACKS: list[tuple[str, dict[str, str | list[str]]]] = [
        (SETUP, {"reviewers.rows": ["0", "1"], "reviewers.1.was": "", "reviewers.1.new": "0", "reviewers.1..key": "x",
                 "reviewers.1.model": "openai:other"}),
        (SETUP, {"reviewers.rows": ["0", "1"], "reviewers.1.was": "", "reviewers.1.new": "0", "reviewers.1..key": "x",
                 "reviewers.1.model": "openai:mini", "reviewers.1.base_url": "http://169.254.169.254/",
                 "reviewers.1.api_key_env": "HOME", "reviewers.1.kind": "embedded", "sources": "/etc/passwd",
                 "stages.abstract.template": "../../x"}),
        (f"{SETUP}/abstract", {"stages.abstract.template": "/etc/passwd", "stages.abstract.examples": "/etc/passwd"}),
        (f"{SETUP}/sources", {"sources.rows": ["0"], "sources.0.was": "", "sources.0.new": "0", "sources.0.name": "x",
                              "sources.0.venues.jcr.files": "/etc/passwd"}),
        (f"{SETUP}/abstract", {"stages.abstract.criteria.rows": ["0", "0"]}),
        (f"{SETUP}/abstract", {"stages.abstract.criteria.0.was": "99"}),
        (f"{SETUP}/abstract", {"made_of": ""}),
    ]  # fmt: skip


def test_nothing_that_reaches_the_machine_gets_into_a_file_by_any_field(site: Site) -> None:
    owner, prompts = site.joined("Olga", OWNER), site.review.folder / "prompts"
    for path, changed in ATTACKS:
        save(owner, path, **changed)
        written = "".join(file.read_text() for file in prompts.iterdir())
        for word in ("openai:other", "169.254", "api_key_env", "base_url", "passwd", "../"):
            assert word not in written, changed
        names = sorted(file.name for file in prompts.iterdir() if file.name != "sources.yaml")
        assert names == ["abstract.md", "review.yaml"]
        assert owner.get("/r/small/").status_code == 200, changed


def test_a_program_as_form_is_neither_run_nor_written(site: Site) -> None:
    owner = site.joined("Olga", OWNER)
    protocol = site.review.folder / "prompts" / "review.yaml"
    stage = "  extraction:\n    question: What?\n    template: abstract.md\n    form: form.yaml\nreviewers:"
    form = 'form: {study: {help: The study., items: {people: {help: "How many?", type: count}}}}\n'
    (site.review.folder / "prompts" / "form.yaml").write_text(form, "utf-8")
    protocol.write_text(PROTOCOL.replace("reviewers:", stage, 1), "utf-8")
    status, _ = save(owner, "/r/small/setup/extraction", **{"stages.extraction.form": "form.py"})
    assert status in (200, 400)
    assert "form.py" not in protocol.read_text()
    code = "!!python/object/apply:os.system ['touch taken']"
    assert save(owner, "/r/small/form", guide=code)[0] == 200
    assert yaml.safe_load((site.review.folder / "prompts" / "form.yaml").read_text())["guide"] == code
    assert not (site.review.folder / "prompts" / "form.py").exists()


def test_who_is_no_owner_neither_sees_nor_writes_the_protocol(site: Site) -> None:
    for name, role in (("Ann", REVIEWER), ("Bo", ADJUDICATOR), ("Cy", OBSERVER)):
        somebody = site.joined(name, role)
        assert "/setup" not in somebody.get("/r/small/").text
        for path in (SETUP, f"{SETUP}/abstract", f"{SETUP}/sources", "/r/small/form"):
            assert somebody.get(path).status_code == 403
            assert somebody.post(path, act="save", title="Mine").status_code == 403


def test_a_link_that_somebody_put_beside_the_protocol_is_not_followed(site: Site, tmp_path: Path) -> None:
    owner, secret = site.joined("Olga", OWNER), tmp_path / "secret.yaml"
    secret.write_text("sources: []\nsecret: SECRET-WORD\n", "utf-8")
    (site.review.folder / "prompts" / "sources.yaml").symlink_to(secret)
    answer = owner.get(f"{SETUP}/sources")
    assert "SECRET-WORD" not in answer.text
    assert secret.read_text("utf-8").count("\n") == 2
