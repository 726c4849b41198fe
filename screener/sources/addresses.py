"""What is at an address that a paper gives for its code, weights or data: whether it answers, its licence, its weights.

GitHub, the Hugging Face Hub and Zenodo are asked by their REST interfaces, any other host for the page itself, of which only
the beginning is read. All goes through the one client, which connects to no private address. Nothing is downloaded or run.

Sources: https://docs.github.com/rest/repos/repos, https://docs.github.com/rest/git/trees,
https://huggingface.co/docs/hub/api, https://developers.zenodo.org/#records
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from .http import Answer, Client, OutOfBudgetError, SourceError, passes, refusal, title
from .services import GITHUB, HUGGING_FACE, ZENODO, Service, host_service

_BEGINNING = 65_536
"""So many bytes of a page are read."""
_STATUSES = tuple(status for status in range(400, 600) if not passes(status))
"""The errors that say something of the address; those that may pass the client asks about again."""
_WEIGHTS = re.compile(
    r"\.(?:safetensors|ckpt|pth?|pt2|onnx|h5|hdf5|keras|tflite|pb|gguf|msgpack|npz|joblib|pdparams|mlmodel|engine)$"
    r"|(?:^|/)(?:pytorch_model|diffusion_pytorch_model|model)[\w.-]*\.bin$",
    re.IGNORECASE,
)
"""How the names of files with weights end."""
_LICENCE = re.compile(r"^(?:un)?licen[cs]e|^copying", re.IGNORECASE)
_GITHUB = re.compile(r"^/([\w.-]+)/([\w.-]+?)(?:\.git)?(?:/.*)?$")
_HUB = re.compile(r"^/(?:(datasets|spaces)/)?([\w.-]+/[\w.-]+)(?:/.*)?$")
_ZENODO = re.compile(r"^/records?/(\d+)")
_ZENODO_DOI = re.compile(r"10\.5281/zenodo\.(\d+)", re.IGNORECASE)
_OF_THE_HUB = ("datasets", "spaces", "docs", "blog", "papers", "collections", "models")
_MOST_WEIGHTS = 20


@dataclass(frozen=True)
class SeenAddress:
    """What was seen at an address.

    `status` is the HTTP status, None where there was no answer or the address cannot be asked (`problem` says why);
    `final` the address in the end, `redirects` those on the way; `kind` who was asked (`github`, `huggingface`, `zenodo`, or
    `page`). `licence` is named by a field of the service or by a file (`licence_from`); `weights` are files that hold some,
    None where files are not listed.
    """

    address: str
    kind: str = "page"
    status: int | None = None
    final: str = ""
    redirects: tuple[str, ...] = ()
    licence: str = ""
    licence_from: str = ""
    weights: tuple[str, ...] | None = None
    problem: str = ""


def look_at(client: Client, address: str) -> SeenAddress:
    """Return what is at an address. What cannot be asked, or does not answer, is told and raises nothing.

    Raises `OutOfBudgetError` where a service gives no more now.
    """
    url = web_address(address)
    if not url:
        return SeenAddress(address, problem="is no web address")
    try:
        return _asked(client, address, url)
    except OutOfBudgetError:
        raise
    except SourceError as error:
        return SeenAddress(address, problem=str(error))


def web_address(written: str) -> str:
    """Return the address that a paper writes, with its scheme and without what ends its sentence; empty for none."""
    ends = ".,;:]}>\"'" if "(" in written else ".,;:)]}>\"'"
    text = written.strip().lstrip("<\"'").rstrip(ends)
    text = re.sub(r"^doi:\s*(?=10\.)", "", text, flags=re.IGNORECASE)
    if _ZENODO_DOI.fullmatch(text) or re.fullmatch(r"10\.\d{4,9}/\S+", text):
        text = f"https://doi.org/{text}"
    # Digits behind the colon are a port, and what stands before it is a host.
    if not re.match(r"[a-z][a-z0-9+.-]*:(?!\d)", text, re.IGNORECASE):
        text = f"https://{text}"
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return ""
    # A way up in a path would lead to another part of an interface, which is asked with the user's key.
    climbs = bool({".", ".."}.intersection(unquote(parts.path).split("/")))
    plain = not climbs and parts.scheme in ("http", "https") and host and "." in host and not re.search(r"\s", text)
    # A name and password within an address are sent to nobody.
    return text if plain and "@" not in parts.netloc else ""


def _asked(client: Client, address: str, url: str) -> SeenAddress:
    parts = urlsplit(url)
    host, path = (parts.hostname or "").removeprefix("www."), unquote(parts.path)
    if host == "github.com" and (found := _GITHUB.match(path)):
        return _github(client, address, f"{found[1]}/{found[2]}")
    hub = _HUB.match(path) if host in ("huggingface.co", "hf.co") else None
    if hub and hub[2].partition("/")[0] not in _OF_THE_HUB:
        return _hub(client, address, hub[1] or "models", hub[2])
    record = _ZENODO.match(path) if host == "zenodo.org" else None
    record = record or (_ZENODO_DOI.search(path) if host in ("doi.org", "dx.doi.org", "zenodo.org") else None)
    if record:
        return _zenodo(client, address, record[1])
    answer = client.get(host_service(url), url, most=_BEGINNING, cut=True, allowed=_STATUSES)
    return SeenAddress(address, "page", answer.status, answer.url, answer.via)


def _github(client: Client, address: str, name: str) -> SeenAddress:
    headers = {"Accept": "application/vnd.github+json"}
    answer = _rest(client, GITHUB, f"repos/{name}", headers)
    found = SeenAddress(address, "github", answer.status, f"https://github.com/{name}")
    if answer.status >= 400:
        return found
    told = _mapping(answer.json(GITHUB))
    full_name = str(told.get("full_name") or name)
    moved = (f"https://github.com/{name}",) if full_name.lower() != name.lower() else ()
    spdx = str(_mapping(told.get("license")).get("spdx_id") or "")
    tree = _rest(client, GITHUB, f"repos/{quote(full_name)}/git/trees/HEAD?recursive=1", headers)
    listed = _mapping(tree.json(GITHUB)) if tree.status < 400 else {}
    # A repository without a commit has no tree (409).
    items = [] if tree.status == 409 else listed.get("tree")
    blobs = [item for item in items if _mapping(item).get("type") == "blob"] if isinstance(items, list) else None
    files = _names(blobs, "path")
    licence, source = (spdx, "field") if spdx and spdx != "NOASSERTION" else _licence_file(files or ())
    # A list that was cut off does not tell that there are none.
    weights = _weights_of(files) or (None if files is None or listed.get("truncated") else ())
    return SeenAddress(
        address, "github", answer.status, f"https://github.com/{full_name}", moved, licence, source, weights
    )  # fmt: skip


def _hub(client: Client, address: str, kind: str, name: str) -> SeenAddress:
    answer = _rest(client, HUGGING_FACE, f"api/{kind}/{name}", {})
    page = f"https://huggingface.co/{'' if kind == 'models' else f'{kind}/'}"
    if answer.status >= 400:
        return SeenAddress(address, "huggingface", answer.status, f"{page}{name}")
    told = _mapping(answer.json(HUGGING_FACE))
    files = _names(told.get("siblings"), "rfilename")
    stated = _mapping(told.get("cardData")).get("license")
    tags = told.get("tags")
    tagged = (
        [str(tag).partition(":")[2] for tag in tags if str(tag).startswith("license:")]
        if isinstance(tags, list)
        else []
    )
    names = [str(part) for part in (stated if isinstance(stated, list) else [stated]) if part] or tagged
    licence, source = (", ".join(names), "field") if names else _licence_file(files or ())
    present = str(told.get("id") or name)
    moved = (f"{page}{name}",) if present.lower() != name.lower() else ()
    return SeenAddress(
        address, "huggingface", answer.status, f"{page}{present}", moved, licence, source, _weights_of(files)
    )


def _zenodo(client: Client, address: str, number: str) -> SeenAddress:
    answer = _rest(client, ZENODO, f"records/{number}", {})
    page = f"https://zenodo.org/records/{number}"
    if answer.status >= 400:
        return SeenAddress(address, "zenodo", answer.status, page)
    told = _mapping(answer.json(ZENODO))
    licence = str(_mapping(_mapping(told.get("metadata")).get("license")).get("id") or "")
    names = _names(told.get("files"), "key")
    newest = str(told.get("id") or number)
    moved = (page,) if newest != number else ()
    return SeenAddress(
        address, "zenodo", answer.status, f"https://zenodo.org/records/{newest}", moved, licence, "field" if licence else "",
        _weights_of(names),
    )  # fmt: skip


def _rest(client: Client, service: Service, path: str, headers: dict[str, str]) -> Answer:
    """Ask a service by its interface; a status from 400 on is an answer, unless it is about the key or the rate of requests.

    GitHub says by 403 too that it is asked too often: https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api
    """
    if service.key:
        headers = {**headers, "Authorization": f"Bearer {service.key}"}
    answer = client.get(service, service.url(path), headers=headers, allowed=_STATUSES)
    if answer.status == 401 and service.key:
        raise refusal(service, answer)
    too_often = answer.headers.get("x-ratelimit-remaining") == "0" or "retry-after" in answer.headers
    if answer.status == 403 and too_often:
        more = "" if service.key else f"; a key in {service.key_name} allows many more"
        raise OutOfBudgetError(f"{title(service)} allows no more requests now{more}; run the same command again later")
    return answer


def _licence_file(files: Iterable[str]) -> tuple[str, str]:
    """Return the file at the top that looks like a licence, which nobody has read, and that it is a file."""
    found = next((name for name in sorted(files) if "/" not in name and _LICENCE.match(name)), "")
    return (f"in {found}, not recognised", "file") if found else ("", "")


def _names(files: Any, key: str) -> list[str] | None:
    """Return the names of files that a service lists, None where it lists none."""
    return [str(_mapping(file).get(key)) for file in files] if isinstance(files, list) else None


def _weights_of(files: Sequence[str] | None) -> tuple[str, ...] | None:
    return None if files is None else tuple([name for name in files if _WEIGHTS.search(name)][:_MOST_WEIGHTS])


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
