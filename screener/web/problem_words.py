"""Where a mistake of the protocol is, in the words of the page of Setup that has the field."""

from collections.abc import Sequence

from ..core.errors import BadInput
from ..core.yamlfile import BadValue, Path_, YamlFile
from ..protocol import Review
from ..review.protocol_editing import Problem
from ..review.unfinished import unfinished
from .setup_specs import SetupPage, setup_pages
from .yaml_fields import Part, YamlRows


def place_of(problem: Problem, pages: Sequence[SetupPage]) -> SetupPage | None:
    """Return the page that has the field of a mistake; None where no page has it."""
    with_base = [page for page in pages if page.base] + [page for page in pages if not page.base]
    return next(
        (p for p in with_base if p.file == problem.file and problem.where[: len(p.base)] == p.base), None
    )  # fmt: skip


def problem_words(problem: Problem, pages: Sequence[SetupPage]) -> str:
    """Return a mistake with its page, the entries of lists that it is in, and the name of its field."""
    page = place_of(problem, pages)
    if page is None or not problem.where:
        return problem.advice
    entries, field = _named(page.parts, problem.where[len(page.base) :])
    where = ", ".join([page.name, *entries])
    if not field:
        return f"{where}: {problem.advice}"
    says = problem.advice
    return f"{where}: “{field}” {says}" if says.startswith(("is ", "must ", "has ")) else f"{where}, “{field}”: {says}"


def unfinished_words(review: Review) -> list[str]:
    """Return what a protocol that can be read still lacks, and what of it has no effect."""
    try:
        mistakes = unfinished(YamlFile(review.prompts / "review.yaml"), review)
    except BadInput:  # changed since it was read
        return []
    pages = setup_pages(review)
    return [
        problem_words(Problem(mistake.file.name, mistake.where, mistake.advice, blocks=False), pages)
        if isinstance(mistake, BadValue)
        else str(mistake)
        for mistake in mistakes
    ]


def _named(parts: Sequence[Part], where: Path_) -> tuple[list[str], str]:
    """Return the entries of lists on the way to a value, and the name of its field; empty where the form has none."""
    for part in parts:
        keys = tuple(part.key.split("."))
        if where[: len(keys)] != keys:
            continue
        rest = where[len(keys) :]
        if not isinstance(part, YamlRows):
            return [], part.label
        if not rest:
            return [], part.label
        entry = f"{part.noun} {rest[0] + 1}" if isinstance(rest[0], int) else f"{part.noun} {rest[0]}"
        entries, field = _named(part.parts, rest[1:])
        return [entry, *entries], field
    return [], ".".join(map(str, where))
