"""The documentation holds what the program has: every command, key and format; and the site builds without a warning."""

import pkgutil
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml
from pydantic import BaseModel, TypeAdapter
from support import ROOT, Cli

sys.path.insert(0, str(ROOT / "docs"))

from _scripts import generate, reference_keys

from screener import OpenReview, __version__, forms
from screener.cli.main import EXIT_CODES, app
from screener.core.judgement import Stage
from screener.exchange import decisions
from screener.exchange.exporters import EXPORTERS
from screener.forms.yaml_form import FormFile
from screener.gold import ReadySample
from screener.protocol import Variant, fewshot, gold, model, searches, tables
from screener.records import readers
from screener.team.settings import ServerSettings


@pytest.fixture(scope="module")
def pages() -> dict[str, str]:
    """The generated pages by their path."""
    return generate.pages()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, built with warnings as errors from a copy of the pages."""
    folder = tmp_path_factory.mktemp("site")
    shutil.copy(ROOT / "mkdocs.yml", folder)
    shutil.copytree(ROOT / "docs", folder / "docs", ignore=shutil.ignore_patterns("_scripts", "reference"))
    generate.main(folder / "docs")
    zensical = Path(sys.executable).with_name("zensical")
    built = subprocess.run([zensical, "build", "--strict"], cwd=folder, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stdout + built.stderr
    return folder / "site"


def commands() -> Iterator[tuple[str, Any]]:
    """Every command and group of commands with its full name."""
    waiting: list[tuple[str, Any]] = [("screener", typer.main.get_command(app))]
    while waiting:
        name, command = waiting.pop()
        waiting += [(f"{name} {child}", sub) for child, sub in getattr(command, "commands", {}).items()]
        yield name, command


def section(page: str, heading: str) -> str:
    """The text under a heading of the second level."""
    return page.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]


def does_something(name: str, command: Any) -> bool:
    """Whether this is no mere group of commands."""
    return not getattr(command, "commands", None) or (command.invoke_without_command and name != "screener")


@pytest.mark.parametrize(("name", "command"), [pair for pair in commands() if does_something(*pair)])
def test_every_command_is_described_with_all_its_options(name: str, command: Any, pages: dict[str, str]) -> None:
    text = section(pages["reference/commands.md"], name)
    assert text
    assert [p.name for p in command.params for option in p.opts if option.startswith("-") and option not in text] == []


@pytest.mark.parametrize(
    ("page", "top"),
    [
        ("review-yaml", model.Protocol),
        ("sources-yaml", searches.SourcesFile),
        ("form-yaml", FormFile),
        ("gold-yaml", gold.GoldSpec),
        ("sample-yaml", ReadySample),
        ("server-yaml", ServerSettings),
        ("examples-yaml", fewshot.ExamplesFile),
    ],
)
def test_every_key_is_explained(page: str, top: type[BaseModel], pages: dict[str, str]) -> None:
    rows = re.findall(r"^\| `(\w+)` \| (\S.*?) \| .* \| .*\|$", pages[f"reference/{page}.md"], re.M)
    keys = [key for _, mapping in reference_keys.sections(top) for key in mapping.model_fields]
    assert sorted(key for key, _ in rows) == sorted(keys)


def test_a_key_without_a_text_is_refused() -> None:
    class Silent(BaseModel):
        """A model."""

        loud: int
        """Explained."""
        quiet: int

    with pytest.raises(ValueError, match=r"Silent\.quiet"):
        reference_keys.page("gold.yaml", Silent)


def test_a_key_inside_lists_and_mappings_is_found() -> None:
    found = dict(reference_keys.sections(model.Protocol))
    assert found["stages.NAME.criteria[].cues"] is model.Cues
    assert found["stages.NAME.gate"] is model.Gate
    assert {"queue", "show_machine", "examples"} <= set(found["stages.NAME"].model_fields)


def test_every_form_type_is_described_and_nothing_else_of_its_room(pages: dict[str, str]) -> None:
    described = re.findall(r"^## (.*)$", pages["reference/forms.md"], re.MULTILINE)
    assert described == [
        "Applies",
        "Coded",
        "Derived",
        "Group",
        "Item",
        "ItemStatus",
        "Key",
        "Link",
        "Near",
        "Quantity",
        "Vocabulary",
    ]
    assert set(described) <= set(forms.__all__)


def test_every_format_is_listed(pages: dict[str, str]) -> None:
    text = pages["reference/formats.md"]
    assert [name for name in (*readers.FORMATS, *decisions.FORMATS) if name not in text] == []
    assert re.findall(r"^\| `(\w+)` \|", text, re.M) == EXPORTERS.names


def test_every_registry_is_described(pages: dict[str, str]) -> None:
    code = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "screener").rglob("*.py"))
    groups = re.findall(r"= Registry\(\s*\"(screener\.\w+)\"", code)
    assert len(groups) >= 4
    assert sorted(re.findall(r"^## (.+)$", pages["reference/plugins.md"], re.M)) == sorted(groups)


def test_every_method_of_a_review_is_described(pages: dict[str, str]) -> None:
    headings = re.findall(r"^### review\.(\w+)$", pages["reference/python.md"], re.M)
    assert headings == [name for name in vars(OpenReview) if not name.startswith("_")]


def test_what_methods_return_is_described(pages: dict[str, str]) -> None:
    text = section(pages["reference/python.md"], "What the methods return and take")
    assert {"Rows", "RecordRow", "RunResult", "RunOptions"} <= set(re.findall(r"^### (\w+)$", text, re.M))


def test_every_exit_code_is_listed(pages: dict[str, str]) -> None:
    assert re.findall(r"^\| (\d+) \|", pages["reference/exit-codes.md"], re.M) == [str(code) for code in EXIT_CODES]


def named_pages() -> set[str]:
    """The pages that the site's navigation names."""
    nav = yaml.safe_load((ROOT / "mkdocs.yml").read_text(encoding="utf-8"))["nav"]
    return set(re.findall(r"[\w/-]+\.md", str(nav)))


def test_the_navigation_has_every_page(pages: dict[str, str]) -> None:
    written = {path.relative_to(ROOT / "docs").as_posix() for path in (ROOT / "docs").rglob("*.md")}
    made = {name for name in pages if name.endswith(".md")}
    assert named_pages() == {name for name in written if not name.startswith("reference/")} | made


@pytest.mark.slow
def test_the_site_builds_without_a_warning_and_has_every_page(site: Path) -> None:
    assert [name for name in named_pages() if not (site / name).with_suffix(".html").is_file()] == []


@pytest.mark.slow
def test_a_link_that_leads_nowhere_stops_the_build(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "mkdocs.yml").write_text("site_name: x\nnav: [{Home: index.md}]\n", encoding="utf-8")
    (tmp_path / "docs" / "index.md").write_text("[gone](gone.md)\n", encoding="utf-8")
    zensical = Path(sys.executable).with_name("zensical")
    assert subprocess.run([zensical, "build", "--strict"], cwd=tmp_path, capture_output=True, check=False).returncode


@pytest.mark.slow
def test_no_page_fetches_anything_from_a_network(site: Path) -> None:
    fetched = re.compile(r"<(?:script|img|iframe|source)[^>]* src=\"https?:|<link[^>]* href=\"https?:|url\(https?:")
    assert [path.name for path in site.rglob("*.html") if fetched.search(path.read_text(encoding="utf-8"))] == []


def documents() -> list[Path]:
    """The README and every page that somebody wrote."""
    pages = [path for path in (ROOT / "docs").rglob("*.md") if path.parent.name != "reference"]
    return [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(pages)]


def lines_of_commands() -> Iterator[tuple[str, list[str]]]:
    """Every line of a code block that runs the program, as the page and its words."""
    for path in documents():
        for block in re.findall(r"^```(?:text|sh)\n(.*?)^```", path.read_text(encoding="utf-8"), re.S | re.M):
            for line in block.splitlines():
                for part in line.split("&&"):
                    words = shlex.split(part, comments=True)
                    if words[:1] == ["screener"]:
                        yield path.name, words


def test_every_command_line_in_the_pages_is_one_that_the_program_takes() -> None:
    known = dict(commands())
    shown, wrong = 0, []
    for page, words in lines_of_commands():
        name, rest = words[0], words[1:]
        while rest and f"{name} {rest[0]}" in known:
            name, rest = f"{name} {rest[0]}", rest[1:]
        command = known[name]
        options = {option for p in command.params for option in (*p.opts, *p.secondary_opts)}
        given = [word for word in rest if word.startswith("-")]
        shown += 1
        is_bare_group = getattr(command, "commands", None) and not command.invoke_without_command
        if is_bare_group or not options.issuperset(given):
            wrong.append(f"{page}: {shlex.join(words)}")
    assert wrong == []
    assert shown > 50


def blocks(page: str) -> list[str]:
    """The code blocks of a page that show what the program prints: those with a ruled table."""
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    return [block for block in re.findall(r"^```text\n(.*?)^```", text, re.S | re.M) if "───" in block]


def test_the_tables_in_the_pages_are_what_the_program_prints(cli: Cli, tmp_path: Path) -> None:
    review = tmp_path / "demo"
    assert cli("init", review, "--example", "ecg").code == 0
    ran = cli("run", "--review", review, "--stage", "abstract")
    checked = cli("evaluate", "--review", review, "--stage", "abstract")
    quality = cli("evaluate", "--review", review, "--stage", "abstract", "--quality")
    for page, *printed in (("quickstart.md", ran.out), ("how-to/evaluate.md", checked.out, quality.out)):
        for block, text in zip(blocks(page), printed, strict=True):
            lines = [" ".join(line.split()) for line in text.splitlines()]
            assert [line for line in block.splitlines() if " ".join(line.split()) not in lines] == []


def test_every_function_that_a_page_names_exists() -> None:
    names = {name for path in documents() for name in re.findall(r"`(screener(?:\.\w+){2,})`", path.read_text("utf-8"))}
    assert len(names) > 20
    assert [name for name in sorted(names) if pkgutil.resolve_name(name) is None] == []


def test_what_the_pages_show_of_a_protocol_is_valid(tmp_path: Path) -> None:
    stages, reviewers = TypeAdapter(dict[Stage, model.StageProtocol]), TypeAdapter(dict[str, model.ReviewerSpec])
    shown = 0
    for path in documents():
        for block in re.findall(r"^```yaml\n(.*?)^```", path.read_text(encoding="utf-8"), re.S | re.M):
            mapping = yaml.safe_load(block)
            if "form" in mapping:
                (tmp_path / "form.yaml").write_text(block, encoding="utf-8")
                assert forms.load_forms([tmp_path / "form.yaml"]).by_path
                mapping = {}
            if "stage" in mapping:
                Variant.model_validate(mapping)
                mapping = {}
            for stage in mapping.get("stages", {}).values():
                for key, value in (("question", "?"), ("template", "abstract.md")):
                    stage.setdefault(key, value)
            stages.validate_python(mapping.pop("stages", {}))
            if (registration := mapping.pop("registration", None)) is not None:
                model.Registration.model_validate(registration)
            if (sources := mapping.pop("sources", None)) is not None:
                searches.SourcesFile.model_validate({"sources": sources})
            tables.TablesSpec.model_validate(mapping.pop("tables", {}))
            assert all(isinstance(mapping.pop(key, ""), str) for key in ("funding", "competing_interests"))
            reviewers.validate_python(mapping.pop("reviewers", mapping))
            shown += 1
    assert shown >= 6


def test_every_section_on_statistics_names_its_sources() -> None:
    text = (ROOT / "docs" / "explanation" / "statistics.md").read_text(encoding="utf-8")
    parts = {part.partition("\n")[0]: part for part in text.split("\n## ")[1:]}
    assert [
        name for name, part in parts.items() if not re.search(r"\*[^*]*\b(1[89]|20)\d\d\b|\b(19|20)\d\d,", part)
    ] == ["What is counted"]


def test_the_readme_is_short_and_begins_with_its_two_commands() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 120
    blocks = re.findall(r"^```sh\n(.*?)^```", text, re.S | re.M)
    assert [len(block.splitlines()) for block in blocks] == [1, 1]
    assert ["screener run" in blocks[0], "pytest" in blocks[1]] == [True, True]


def test_links_of_the_readme_and_its_neighbours_lead_to_files() -> None:
    gone = [
        (name, target)
        for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md")
        for target in re.findall(r"\]\(([^)#]+)", (ROOT / name).read_text(encoding="utf-8"))
        if not target.startswith("https://") and not (ROOT / target).exists()
    ]
    assert gone == []


def test_the_citation_names_the_version_of_the_program() -> None:
    assert yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))["version"] == __version__


def test_the_changelog_has_a_place_for_what_is_new() -> None:
    assert "\n## [Unreleased]\n" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
