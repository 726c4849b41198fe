"""An owner of a review writes whatever they like into it, and reaches no file, no program and no address."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from support import fill_in

from screener.core.errors import BadInput
from screener.core.judgement import Stage
from screener.examples import new_review, template_texts
from screener.forms.load import forms_not_run, load_form
from screener.protocol import ChatSpec, Review
from screener.protocol.policy import under_policy
from screener.review.checking import check_folder
from screener.team.refusals import PARAMETERS, ServerPolicy
from screener.team.settings import ServerSettings

SECRET = "the secret of the machine"
SETTINGS = ServerSettings.model_validate(
    {
        "models": {
            "mini": {"model": "openai:mini", "base_url": "https://models.example/v1", "api_key_env": "SERVER_KEY",
                     "price": {"input": 1, "output": 2}, "requests_per_minute": 60},
            "scores": {"kind": "probability", "model": "scores", "base_url": "https://scores.example"},
        }
    }
)  # fmt: skip
Change = Callable[[dict[str, Any]], None]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A new review, which names a model of the server."""
    root = tmp_path / "review"
    new_review(root)
    fill_in(root)
    change(root, lambda data: data["reviewers"].update(gpt={"kind": "chat", "model": "openai:mini"}))
    return root


@pytest.fixture(autouse=True)
def outside(tmp_path: Path) -> Path:
    """A file of the machine."""
    path = tmp_path / "secret.yaml"
    path.write_text(f"- {SECRET}\n")
    return path


@pytest.fixture
def server() -> Iterator[None]:
    """What holds on a server."""
    with under_policy(ServerPolicy(SETTINGS, template_texts())):
        yield


def change(root: Path, how: Change) -> None:
    path = root / "prompts" / "review.yaml"
    data = yaml.safe_load(path.read_text())
    how(data)
    path.write_text(yaml.safe_dump(data, sort_keys=False))


def refused(root: Path) -> str:
    """What is said of the review, wherever it is opened."""
    with pytest.raises(BadInput) as refusal:
        Review(root)
    assert SECRET not in str(refusal.value)
    return str(refusal.value)


@pytest.mark.usefixtures("server")
def test_a_review_that_names_a_model_is_asked_as_the_server_says(folder: Path) -> None:
    review = Review(folder)
    spec = review.reviewer("gpt")
    assert isinstance(spec, ChatSpec)
    assert (spec.base_url, spec.api_key_env, spec.requests_per_minute) == (
        "https://models.example/v1",
        "SERVER_KEY",
        60,
    )
    assert spec.price is not None
    # A copy of the review with another wording, as `tune try` makes it, is asked so, too.
    again = Review.of(folder, review.written).reviewer("gpt")
    assert again == spec


def test_judgements_on_a_server_are_those_of_ones_own_machine(folder: Path) -> None:
    here = Review(folder).fingerprint(Stage.ABSTRACT, "gpt")
    with under_policy(ServerPolicy(SETTINGS, template_texts())):
        assert Review(folder).fingerprint(Stage.ABSTRACT, "gpt") == here
    spec = Review(folder).reviewer("gpt")
    assert isinstance(spec, ChatSpec)
    assert spec.base_url is None  # and nothing holds any more when the server has ended


def stage(**more: Any) -> Change:
    return lambda data: data["stages"]["abstract"].update(more)


def reviewer(**more: Any) -> Change:
    return lambda data: data["reviewers"]["gpt"].update(more)


INNER = "http://169.254.169.254/latest"
ATTACKS: dict[str, tuple[Change, str, str]] = {
    "template by path": (stage(template="../../secret.yaml"), "stages.abstract.template", "not in the folder"),
    "template from root": (stage(template="/etc/passwd"), "stages.abstract.template", "not in the folder"),
    "template of windows": (stage(template="C:\\secret"), "stages.abstract.template", "not in the folder"),
    "template within": (stage(template="a/../../../secret.yaml"), "stages.abstract.template", "not in the folder"),
    "examples": (stage(examples="../../secret.yaml"), "stages.abstract.examples", "not in the folder"),
    "device": (stage(examples="/dev/zero"), "stages.abstract.examples", "not in the folder"),
    "process": (stage(examples="/proc/self/environ"), "stages.abstract.examples", "not in the folder"),
    "form": (
        lambda data: data["stages"]["extraction"].update(form=["form.yaml", "/tmp/evil.py"]),
        "stages.extraction.form.1",
        "not in the folder",
    ),
    "program": (
        lambda data: data["stages"]["extraction"].update(form="evil.py"),
        "stages.extraction.form",
        "a form that is a program is not run on a server",
    ),
    "sources": (lambda data: data.update(sources="../../secret.yaml"), "sources", "not in the folder"),
    "address": (reviewer(base_url=INNER), "reviewers.gpt.base_url", "for the server to say; remove it"),
    "own address": (reviewer(base_url="https://models.example/v1"), "reviewers.gpt.base_url", "for the server to say"),
    "key": (reviewer(api_key_env="PGPASSWORD"), "reviewers.gpt.api_key_env", "for the server to say"),
    "price": (reviewer(price={"input": 0, "output": 0}), "reviewers.gpt.price", "for the server to say"),
    "speed": (reviewer(max_concurrency=10_000), "reviewers.gpt.max_concurrency", "for the server to say"),
    "other model": (
        reviewer(model="anthropic:x"),
        "reviewers.gpt.model",
        "is no model of this server; it has `openai:mini`",
    ),
    "no model": (reviewer(model=["openai:mini"]), "reviewers.gpt.model", "is no model of this server"),
    "probability": (
        lambda data: data["reviewers"].update(p={"kind": "probability", "model": "scores", "base_url": INNER}),
        "reviewers.p.base_url",
        "is not the address that this server has",
    ),
    "plugin": (
        lambda data: data["reviewers"].update(p={"kind": "their_kind", "options": {}}),
        "reviewers.p.kind",
        "no kind of reviewer that this server allows",
    ),
    "model of a plugin": (
        lambda data: data["reviewers"].update(p={"kind": "k", "model": {"model": "openai:mini", "base_url": INNER}}),
        "reviewers.p.model.base_url",
        "for the server to say",
    ),
}
for _parameter in ("base_url", "openai_api_base", "openai_proxy", "http_client", "default_headers", "extra_body",
                   "model_kwargs", "endpoint_url", "credentials_path", "client", "api_key", "model_provider"):  # fmt: skip
    ATTACKS[f"parameter {_parameter}"] = (
        reviewer(parameters={"temperature": 0, _parameter: INNER}),
        f"reviewers.gpt.parameters.{_parameter}",
        "is no parameter that a review on a server may set",
    )


@pytest.mark.usefixtures("server")
@pytest.mark.parametrize("attack", ATTACKS)
def test_what_reaches_the_machine_is_refused_in_one_line(folder: Path, outside: Path, attack: str) -> None:
    how, field, told = ATTACKS[attack]
    (folder / "prompts" / "evil.py").write_text(f"open({str(outside)!r}, 'w').write('was run')\n")
    change(folder, how)
    line = next(line for line in refused(folder).splitlines() if field in line)
    assert line.startswith(f"{folder / 'prompts' / 'review.yaml'}:")
    assert f": {field}: " in line
    assert told in line
    assert SECRET in outside.read_text(), "the program was run"
    # `check` opens nothing of it, either.
    with pytest.raises(BadInput) as refusal:
        check_folder(folder)
    assert line in str(refusal.value)


@pytest.mark.usefixtures("server")
@pytest.mark.parametrize(
    "place", ["prompts/abstract.md", "prompts/more", "gold/abstract.csv", "prompts", "gold", ".screener"]
)
def test_a_link_out_of_the_folder_is_refused_before_it_is_followed(folder: Path, outside: Path, place: str) -> None:
    path = folder / place
    if path.is_dir():
        path.rename(outside.parent / "elsewhere")
    path.parent.mkdir(exist_ok=True)
    path.unlink(missing_ok=True)
    path.symlink_to(outside if path.suffix else outside.parent)
    assert f"{path}: is a link" in refused(folder)


@pytest.mark.usefixtures("server")
def test_what_would_be_waited_for_for_ever_is_not_opened(folder: Path) -> None:
    path = folder / "prompts" / "review.yaml"
    path.unlink()
    os.mkfifo(path)
    assert refused(folder) == f"{path}: is neither a file nor a folder; remove it"


@pytest.mark.usefixtures("server")
def test_a_file_that_is_too_large_is_not_read(folder: Path) -> None:
    with (folder / "prompts" / "review.yaml").open("a") as file:
        file.write("#" * 2_000_001)
    assert "has more than 2 MB" in refused(folder)


def test_no_form_that_is_a_program_is_run_however_it_is_come_by(folder: Path, outside: Path) -> None:
    form = folder / "prompts" / "evil.py"
    form.write_text(f"open({str(outside)!r}, 'w').write('was run')\n")
    with forms_not_run(), pytest.raises(BadInput, match="is a program, which is not run here"):
        load_form(form)
    assert SECRET in outside.read_text()


BOMB = "---\nversion: 1\n---\n# System\n{{ 'x' * 10 ** 11 }}\n# User\n{{ record.title }}\n"


def test_a_template_that_takes_all_memory_is_not_rendered_unless_the_administrator_allows_own_ones(
    folder: Path,
) -> None:
    template = folder / "prompts" / "abstract.md"
    own = template.read_text().replace("# System", "# System\nOur own words.", 1)
    for text in (BOMB, own):
        template.write_text(text)
        with under_policy(ServerPolicy(SETTINGS, template_texts())):
            assert "is a template of your own, which this server does not allow" in refused(folder)
    with under_policy(ServerPolicy(SETTINGS.model_copy(update={"own_templates": True}), template_texts())):
        Review(folder)


def sources(folder: Path, **source: Any) -> None:
    (folder / "prompts" / "more.yaml").write_text(yaml.safe_dump({"sources": [{"name": "PubMed", **source}]}))
    change(folder, lambda data: data.update(sources="more.yaml"))


@pytest.mark.usefixtures("server")
@pytest.mark.parametrize(
    "venues",
    [
        {"jcr": {"files": "../../secret.yaml", "year": 2024, "categories": ["X"]}},
        {"jcr": {"files": ["ok.csv", "/etc/passwd"], "year": 2024, "categories": ["X"]}},
        {"conferences": "../../secret.yaml"},
        {"conferences": {"list": "/etc/passwd"}},
    ],
)
def test_lists_of_venues_are_files_of_the_protocol(folder: Path, venues: dict[str, Any]) -> None:
    sources(folder, venues=venues)
    assert "more.yaml:" in refused(folder)
    assert "is not in the folder of the protocol" in refused(folder)


def test_the_database_of_a_package_is_asked_only_where_the_administrator_allows_it(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from importlib.metadata import EntryPoint

    point = EntryPoint("theirs", "their_package:DATABASE", "screener.sources")
    monkeypatch.setattr("screener.team.refusals.entry_points", lambda group: [point] if group == point.group else [])
    for source in ({"database": "theirs"}, {"name": "Their-S"}):
        sources(folder, **source)
        with under_policy(ServerPolicy(SETTINGS, template_texts())):
            assert "is the database of a package that this server does not allow" in refused(folder)
        with under_policy(ServerPolicy(SETTINGS.model_copy(update={"plugins": ("theirs",)}), template_texts())):
            Review(folder)


@pytest.mark.usefixtures("server")
def test_a_probability_model_is_asked_at_the_servers_address(folder: Path) -> None:
    spec = {"kind": "probability", "model": "scores", "base_url": "https://scores.example/"}
    change(folder, lambda data: data["reviewers"].update(p=spec))
    assert Review(folder).reviewer("p").model_dump()["base_url"] == "https://scores.example"


@pytest.mark.usefixtures("server")
def test_harmless_parameters_go_to_the_model(folder: Path) -> None:
    change(folder, reviewer(parameters=dict.fromkeys(PARAMETERS, 1)))
    Review(folder)


def test_on_ones_own_machine_all_of_it_is_allowed_as_before(folder: Path) -> None:
    change(folder, reviewer(base_url="http://127.0.0.1:11434/v1", parameters={"extra_body": {"think": True}}))
    spec = Review(folder).reviewer("gpt")
    assert isinstance(spec, ChatSpec)
    assert spec.base_url == "http://127.0.0.1:11434/v1"
