"""The container and compose files have the form that they should. No image is built: none can be had where this is tested."""

import re
import shlex
import tomllib
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml

from screener.cli.main import app
from screener.team.settings import read_settings

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "containers"


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    services: dict[str, Any] = yaml.safe_load((FOLDER / "compose.yaml").read_text())["services"]
    return services


def instructions() -> list[tuple[str, str]]:
    lines = [line for line in (FOLDER / "Containerfile").read_text().splitlines() if line and not line.startswith("#")]
    return [(word, rest) for word, _, rest in (line.partition(" ") for line in lines)]


def accepted(words: list[str]) -> None:
    """Parse the words of a command as the program does; nothing is run."""
    command = typer.main.get_command(app)
    sub = command.get_command(None, words[0])  # type: ignore[attr-defined]
    sub.make_context(words[0], words[1:])


def test_the_image_installs_extras_that_there_are_and_is_nobodys_root() -> None:
    known = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    [extras] = re.findall(r"/src\[([a-z,]+)\]", (FOLDER / "Containerfile").read_text())
    assert set(extras.split(",")) <= set(known)
    words = [word for word, _ in instructions()]
    assert (words[0], words.index("USER") < words.index("ENTRYPOINT")) == ("FROM", True)


def test_the_containers_start_with_commands_that_there_are(services: dict[str, Any]) -> None:
    told = dict(instructions())
    assert yaml.safe_load(told["ENTRYPOINT"]) == ["screener"]
    commands = [yaml.safe_load(told["CMD"]), services["server"]["command"], services["worker"]["command"]]
    invite = re.search(r"run --rm server (serve .*)", (FOLDER / "compose.yaml").read_text())
    assert invite is not None
    for words in (*commands, shlex.split(invite[1])):
        accepted(words)
    assert "--worker" in services["worker"]["command"]


def test_the_settings_are_read_and_meet_the_compose_file(services: dict[str, Any]) -> None:
    settings = read_settings(FOLDER / "server.yaml")
    assert settings.on_postgresql == "postgresql://screener@database/screener"
    assert "database" in services
    assert services["database"]["environment"]["POSTGRES_USER"] == "screener"
    assert services["server"]["ports"] == [f"127.0.0.1:{settings.port}:{settings.port}"]
    mounts = dict(mount.split(":")[:2][::-1] for mount in services["server"]["volumes"])
    assert mounts["/etc/screener/server.yaml"] == "./server.yaml"
    assert settings.reviews.is_relative_to(next(place for place in mounts if place.startswith("/srv")))
