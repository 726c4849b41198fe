"""What is seen at the addresses that papers give: status, redirects, licence and weights, with nothing downloaded."""

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from servers.services import Asked, Reply, Services, json_reply
from servers.services.repositories import GitHubApi, HubApi, RecordApi, Repository

from screener.sources import Client, OutOfBudgetError, SeenAddress, look_at, web_address
from screener.sources.services import Service

Serve = Callable[..., Services]
MODEL = {
    "id": "lab/net",
    "siblings": [{"rfilename": "net.safetensors"}, {"rfilename": "README.md"}],
    "tags": ["license:mit"],
}


@dataclass
class Pages:
    """Pages of a host of no kind that has an interface."""

    service: Service = field(default_factory=lambda: Service("PAGES", "http://127.0.0.1", "", 1))

    def answer(self, asked: Asked) -> Reply:
        match asked.path.strip("/"):
            case "here":
                return Reply(b"<p>here</p>")
            case "moved":
                return Reply(b"", 302, {"Location": "/pages/here"})
            case "inside":
                return Reply(b"", 302, {"Location": "http://127.0.0.1:9/secret"})
            case "large":
                return Reply(b"x" * 3_000_000)
            case "closed":
                return Reply(b"", 403)
            case "behind":  # a proxy that does not reach the host behind it
                return Reply(b"", 522)
        return Reply(b"", 404)


def seen(address: str) -> SeenAddress:
    return look_at(Client(), address)


def test_a_repository_tells_its_licence_and_the_files_that_hold_weights(serve: Serve) -> None:
    named = Repository("lab/net", "Apache-2.0", ["train.py", "weights/best.pth", "LICENSE"])
    serve(GitHubApi({"lab/net": named}))
    for written in (
        "https://github.com/lab/net",
        "github.com/lab/net.git",
        "https://www.github.com/lab/net/tree/main/x.",
    ):
        found = seen(written)
        assert (found.kind, found.status, found.licence, found.licence_from, found.weights) == (
            "github", 200, "Apache-2.0", "field", ("weights/best.pth",),
        )  # fmt: skip
        assert (found.final, found.redirects) == ("https://github.com/lab/net", ())


def test_a_repository_that_was_renamed_is_followed_and_says_so(serve: Serve) -> None:
    serve(GitHubApi(dict.fromkeys(("old/name", "new/name"), Repository("new/name"))))
    found = seen("https://github.com/old/name")
    assert (found.final, found.redirects) == ("https://github.com/new/name", ("https://github.com/old/name",))


@pytest.mark.parametrize(
    ("repository", "licence", "source", "weights"),
    [
        (Repository("a/b", "NOASSERTION", ["COPYING.txt"]), "in COPYING.txt, not recognised", "file", ()),
        (Repository("a/b", None, ["src/LICENSE"]), "", "", ()),
        (Repository("a/b", None, None), "", "", ()),
    ],
)
def test_a_licence_that_nobody_recognised_is_told_as_a_file(
    serve: Serve, repository: Repository, licence: str, source: str, weights: tuple[str, ...]
) -> None:
    serve(GitHubApi({"a/b": repository}))
    found = seen("https://github.com/a/b")
    assert (found.licence, found.licence_from, found.weights) == (licence, source, weights)


def test_a_repository_that_is_not_there_is_told_by_its_status(serve: Serve) -> None:
    serve(GitHubApi())
    assert (seen("https://github.com/a/b").status, seen("https://github.com/a/b").weights) == (404, None)


def test_where_no_more_requests_are_allowed_it_stops_and_names_the_key(serve: Serve) -> None:
    serve(GitHubApi(left=0))
    with pytest.raises(OutOfBudgetError, match=r"GITHUB_TOKEN allows many more"):
        seen("https://github.com/a/b")


def test_a_key_that_is_refused_says_nothing_of_the_address(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    serve(GitHubApi(refused=json_reply({"message": "Bad credentials"}, 401)))
    monkeypatch.setenv("GITHUB_TOKEN", "expired")
    found = seen("https://github.com/a/b")
    assert found.status is None
    assert "the key in GITHUB_TOKEN is refused" in found.problem


def test_a_pause_that_is_asked_for_is_no_refusal_of_the_address(serve: Serve) -> None:
    serve(GitHubApi(refused=json_reply({"message": "secondary rate limit"}, 403, {"retry-after": "60"})))
    with pytest.raises(OutOfBudgetError, match="allows no more requests now"):
        seen("https://github.com/a/b")


@pytest.mark.parametrize("status", [403, 404])
def test_files_that_are_not_listed_are_not_taken_for_none(serve: Serve, status: int) -> None:
    there = {"a/b": Repository("a/b", "MIT")}
    serve(GitHubApi(there, refused=json_reply({"message": "no"}, status), only_trees=True))
    found = seen("https://github.com/a/b")
    assert (found.status, found.licence, found.weights) == (200, "MIT", None)


def test_a_list_of_files_that_was_cut_does_not_tell_that_there_are_no_weights(serve: Serve) -> None:
    cut = json_reply({"tree": [{"path": "a.py", "type": "blob"}], "truncated": True})
    serve(GitHubApi({"a/b": Repository("a/b")}, refused=cut, only_trees=True))
    assert seen("https://github.com/a/b").weights is None


def test_a_model_or_record_without_a_list_of_files_does_not_tell_that_there_are_no_weights(serve: Serve) -> None:
    serve(HubApi({"models/lab/net": {"id": "lab/net"}}), RecordApi({"7": {"id": 7, "metadata": {}}}))
    assert seen("https://huggingface.co/lab/net").weights is None
    assert seen("https://zenodo.org/records/7").weights is None


def test_models_and_data_sets_of_the_hub_tell_theirs(serve: Serve) -> None:
    server = serve(
        HubApi({"models/lab/net": MODEL, "datasets/lab/set": {"id": "lab/set", "cardData": {"license": ["cc0-1.0"]}}})
    )
    model, data = seen("https://huggingface.co/lab/net/tree/main"), seen("hf.co/datasets/lab/set")
    assert (model.status, model.licence, model.weights) == (200, "mit", ("net.safetensors",))
    assert (data.status, data.licence, data.final) == (200, "cc0-1.0", "https://huggingface.co/datasets/lab/set")
    assert seen("https://huggingface.co/lab/secret").status == 401
    assert server.requests[0].path.strip("/") == "api/models/lab/net"


def test_a_record_of_zenodo_is_found_by_its_page_or_doi(serve: Serve) -> None:
    serve(RecordApi({"77": {"id": 77, "metadata": {"license": {"id": "cc-by-4.0"}}, "files": [{"key": "model.ckpt"}]}}))
    for written in ("https://zenodo.org/record/77", "10.5281/zenodo.77", "https://doi.org/10.5281/ZENODO.77"):
        found = seen(written)
        assert (found.kind, found.status, found.licence, found.weights) == ("zenodo", 200, "cc-by-4.0", ("model.ckpt",))


def test_any_other_page_tells_status_and_redirects_and_only_its_beginning_is_read(serve: Serve) -> None:
    at = f"{serve(Pages()).root}/pages"
    moved = seen(f"{at}/moved")
    assert (moved.status, moved.final, moved.redirects) == (200, f"{at}/here", (f"{at}/moved",))
    assert seen(f"{at}/large").status == 200
    assert [seen(f"{at}/{name}").status for name in ("gone", "closed")] == [404, 403]
    assert (moved.licence, moved.weights) == ("", None)


def test_an_error_that_may_pass_is_no_answer_of_the_address(serve: Serve) -> None:
    found = seen(f"{serve(Pages()).root}/pages/behind")
    assert (found.status, "out of order (status 522)" in found.problem) == (None, True)


def test_no_address_leads_into_a_private_network(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    server = serve(Pages())
    monkeypatch.setenv("SCREENER_ALLOW_LOOPBACK", "")
    found = seen(f"{server.root}/pages/here")
    assert (found.status, "private address" in found.problem) == (None, True)
    assert server.requests == []


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("github.com/a/b", "https://github.com/a/b"),
        (" <https://a.example/x>. ", "https://a.example/x"),
        ("http://a.example/x).", "http://a.example/x"),
        ("https://a.example/x_(y)", "https://a.example/x_(y)"),
        ("10.5281/zenodo.5", "https://doi.org/10.5281/zenodo.5"),
        ("doi:10.5281/zenodo.5", "https://doi.org/10.5281/zenodo.5"),
        ("DOI: 10.5555/x(1)y", "https://doi.org/10.5555/x(1)y"),
        ("a.example:8080/x", "https://a.example:8080/x"),
        ("https://github.com/lab/../user", ""),
        ("https://github.com/%2e%2e/user", ""),
        ("ftp://a.example/x", ""),
        ("file:///etc/passwd", ""),
        ("javascript:alert(1)", ""),
        ("https://me:secret@a.example/", ""),
        ("available on request", ""),
        ("http://[::1", ""),
        ("localhost/x", ""),
        ("", ""),
    ],
)
def test_an_address_is_read_as_papers_write_it(written: str, address: str) -> None:
    assert web_address(written) == address
    if not address:
        assert seen(written).problem == "is no web address"
