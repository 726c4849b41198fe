"""What a review on a server may not do: reach the machine.

An owner writes `review.yaml`, forms and worked examples in a browser, and the server opens them. These are the places by which
a protocol can have the program read a file, run code, or call an address, and what is done about each:

| where | what it could do | on a server |
| --- | --- | --- |
| `sources`, `template`, `examples`, `form` of a stage | read any file of the machine; its lines stand in messages | a file in the folder of the protocol |
| `venues.jcr.files`, `venues.conferences` of a source | the same | the same |
| a link or a device in `prompts/` or `gold/`, a link in place of these or of `.screener` | the same, write elsewhere, or wait for ever | refused |
| `form: form.py` | run a program | refused; YAML forms only, and `forms_not_run` holds |
| `template` | take all time and memory (Jinja's sandbox limits neither) | one that comes with the program, unless `own_templates` |
| `reviewers.*.base_url` | have the server call any address, with a key | refused; of `kind: probability`, that of server.yaml |
| `reviewers.*.api_key_env` | send any secret of the environment to a model | refused; that of server.yaml counts |
| `reviewers.*.parameters` | LangChain's classes take addresses, proxies, files and headers as parameters | a list of names |
| `reviewers.*.model` | any provider that is installed, with the key that its own variable holds | one of server.yaml |
| `reviewers.*.price`, limits of speed | spend more than a budget says, ask too fast | refused; those of server.yaml count |
| `reviewers.*.kind`, `database` of a source, of an installed package | run that package's code | one of `plugins` |

What a record or a database says (links to full texts, redirects) leads to public addresses alone, here as everywhere
(`screener.sources.connections`), as long as the server is not started with `SCREENER_ALLOW_LOOPBACK`.
"""

import os
import stat
from collections.abc import Collection, Iterator, Mapping
from importlib.metadata import entry_points
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any

from ..core.errors import BadInput
from ..core.yamlfile import Path_, YamlFile
from ..protocol.endpoints import ChatSpec, ProbabilitySpec
from ..protocol.model import Protocol
from ..protocol.reviewer_kinds import BUILT_IN
from ..protocol.reviewer_specs import HOW, OtherReviewer, ReviewerSpec
from .settings import ServerModel, ServerSettings

PARAMETERS = frozenset(
    {
        *("temperature", "top_p", "top_k", "seed", "max_tokens", "max_completion_tokens", "max_output_tokens"),
        *("reasoning_effort", "verbosity", "presence_penalty", "frequency_penalty", "stop"),
    }
)
"""What a review on a server may set of a chat model."""
LARGEST_PROTOCOL = 2_000_000
"""Bytes of `review.yaml`, and of each file that it names, that are read."""
Mistake = tuple[Path_, str]


class ServerPolicy:
    """What holds for every review of a server, as `screener.protocol.policy` asks for it."""

    def __init__(self, settings: ServerSettings, templates: Collection[str]) -> None:
        """Let reviews use what `settings` say, and these prompt templates (their texts)."""
        self.settings, self.templates = settings, templates

    def check_folder(self, root: Path) -> list[BadInput]:
        """Return what is not allowed of a review's folder, before a file in it is read."""
        return [BadInput(f"{path}: {problem}") for path, problem in _strange_files(root)]

    def check(self, root: Path, document: YamlFile) -> list[BadInput]:
        """Return what is not allowed in review.yaml, in the order of its lines, and then in its file of sources."""
        data, prompts = document.data, root / "prompts"
        if not isinstance(data, dict):
            return []
        mistakes = [*self._stages(data, prompts), *self._reviewers(data)]
        sources = data.get("sources")
        outside = _outside(prompts, sources)
        if outside:
            mistakes.append((("sources",), outside))
        found = document.in_order([document.fail(where, problem) for where, problem in mistakes])
        if isinstance(sources, str) and not outside and (prompts / sources).is_file():
            file = YamlFile(prompts / sources)
            found += file.in_order([file.fail(where, problem) for where, problem in self._sources(file.data, prompts)])
        return found

    def applied(self, protocol: Protocol) -> Protocol:
        """Return a protocol whose reviewers are asked as server.yaml says, whatever it says itself."""
        reviewers = {name: self._asked(spec) for name, spec in protocol.reviewers.items()}
        return protocol.model_copy(update={"reviewers": reviewers})

    def chat_models(self) -> list[str]:
        """Return the chat models that a protocol may name."""
        return [model.model for model in self.settings.models.values() if model.kind == "chat"]

    def _asked(self, spec: ReviewerSpec) -> ReviewerSpec:
        if isinstance(spec, OtherReviewer):
            return spec if spec.model is None else spec.model_copy(update={"model": self._endpoint(spec.model)})
        return self._endpoint(spec) if isinstance(spec, ChatSpec | ProbabilitySpec) else spec

    def _endpoint(self, spec: ChatSpec | ProbabilitySpec) -> Any:
        model = self.settings.model_of(spec.kind, spec.model)
        if model is None:
            raise BadInput(f"`{spec.model}` is no model of this server; it has {_names(self.settings)}")
        return spec.model_copy(update={name: getattr(model, name) for name in HOW})

    def _stages(self, data: Mapping[str, Any], prompts: Path) -> Iterator[Mistake]:
        stages = data.get("stages")
        for stage, spec in stages.items() if isinstance(stages, dict) else ():
            if not isinstance(spec, dict):
                continue
            forms = spec.get("form")
            named: list[tuple[Path_, Any]] = [((key,), spec.get(key)) for key in ("template", "examples")]
            if isinstance(forms, list):
                named += [(("form", at), form) for at, form in enumerate(forms)]
            else:
                named.append((("form",), forms))
            for key, name in named:
                where = ("stages", stage, *key)
                if problem := _outside(prompts, name):
                    yield where, problem
                elif key[0] == "form" and isinstance(name, str) and not name.endswith((".yaml", ".yml")):
                    yield where, "a form that is a program is not run on a server; write it in YAML (form.yaml)"
                elif key[0] == "template" and isinstance(name, str) and not self._known_template(prompts / name):
                    yield where, "is a template of your own, which this server does not allow; take the packaged one"

    def _known_template(self, path: Path) -> bool:
        if self.settings.own_templates or not path.is_file():  # that it is missing is told elsewhere
            return True
        return path.read_text(encoding="utf-8", errors="replace") in self.templates

    def _reviewers(self, data: Mapping[str, Any]) -> Iterator[Mistake]:
        reviewers = data.get("reviewers")
        for name, spec in reviewers.items() if isinstance(reviewers, dict) else ():
            if not isinstance(spec, dict):
                continue
            kind, where = spec.get("kind"), ("reviewers", name)
            if isinstance(kind, str) and kind not in BUILT_IN:
                if kind not in self.settings.plugins:
                    yield (*where, "kind"), f"`{kind}` is no kind of reviewer that this server allows"
                if isinstance(model := spec.get("model"), dict):
                    yield from self._model((*where, "model"), "chat", model)
            elif kind in ("chat", "probability"):
                yield from self._model(where, kind, spec)

    def _model(self, where: Path_, kind: str, spec: Mapping[str, Any]) -> Iterator[Mistake]:
        model = self.settings.model_of(kind, spec.get("model", ""))
        if model is None:
            yield (*where, "model"), f"is no model of this server; it has {_names(self.settings)}"
        for key in sorted(HOW & spec.keys()):
            if key != "base_url" or kind != "probability":
                yield (*where, key), "how a model is asked is for the server to say; remove it"
            elif model is not None and not _same_address(model, spec[key]):
                yield (*where, key), "is not the address that this server has for the model"
        parameters = spec.get("parameters")
        for key in sorted(parameters.keys() - PARAMETERS) if isinstance(parameters, dict) else ():
            allowed = ", ".join(sorted(PARAMETERS))
            yield (
                (*where, "parameters", key),
                f"is no parameter that a review on a server may set; it may set {allowed}",
            )

    def _sources(self, data: Any, prompts: Path) -> Iterator[Mistake]:
        sources = data.get("sources") if isinstance(data, dict) else None
        foreign = {point.name for point in entry_points(group="screener.sources")} - set(self.settings.plugins)
        for at, source in enumerate(sources if isinstance(sources, list) else ()):
            if not isinstance(source, dict):
                continue
            where: Path_ = ("sources", at)
            for named in ("database", "name"):
                if _plain(source.get(named)) in {_plain(name) for name in foreign}:
                    yield (
                        (*where, named),
                        f"`{source[named]}` is the database of a package that this server does not allow",
                    )
            for key, name in _venue_files(source.get("venues")):
                if problem := _outside(prompts, name):
                    yield (*where, "venues", *key), problem


def _strange_files(root: Path) -> Iterator[tuple[Path, str]]:
    """Yield what is no plain file and no plain folder of what is read of a review's folder."""
    hidden = root / ".screener"
    for place in (root / "prompts", root / "gold", hidden, *(hidden / name for name in ("ledger.db", "documents"))):
        if place.is_symlink():
            yield place, "is a link; a review on a server has its files in its own folder"
    for room in ("prompts", "gold"):
        for folder, folders, files in os.walk(root / room):
            for name in (*folders, *files):
                path = Path(folder, name)
                mode = path.lstat().st_mode
                if stat.S_ISLNK(mode):
                    yield path, "is a link; a review on a server has its files in its own folder"
                elif not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
                    yield path, "is neither a file nor a folder; remove it"
                elif room == "prompts" and stat.S_ISREG(mode) and path.stat().st_size > LARGEST_PROTOCOL:
                    yield path, f"has more than {LARGEST_PROTOCOL // 1_000_000} MB; a file of the protocol is smaller"


def _outside(prompts: Path, name: Any) -> str:
    """Return what is wrong with the name of a file that is to be in the folder of the protocol; nothing where it is."""
    if not isinstance(name, str):
        return ""
    path = PurePosixPath(name.replace("\\", "/"))
    lost = path.is_absolute() or PureWindowsPath(name).anchor or ".." in path.parts or "\x00" in name
    if not lost:
        lost = not (prompts / name).resolve().is_relative_to(prompts.resolve())
    return "is not in the folder of the protocol, and a review on a server reads no other file" if lost else ""


def _venue_files(venues: Any) -> Iterator[tuple[Path_, Any]]:
    if not isinstance(venues, dict):
        return
    jcr, conferences = venues.get("jcr"), venues.get("conferences")
    files = jcr.get("files") if isinstance(jcr, dict) else None
    for at, name in enumerate(files if isinstance(files, list) else [files]):
        yield ("jcr", "files", *((at,) if isinstance(files, list) else ())), name
    yield ("conferences",), conferences.get("list") if isinstance(conferences, dict) else conferences


def _same_address(model: ServerModel, written: Any) -> bool:
    return isinstance(written, str) and written.rstrip("/") == model.base_url


def _plain(name: Any) -> str:
    return "".join(character for character in str(name or "").lower() if character.isalnum()) or "-"


def _names(settings: ServerSettings) -> str:
    return ", ".join(f"`{model.model}`" for model in settings.models.values()) or "none"
