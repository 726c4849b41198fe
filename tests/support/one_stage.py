"""A review of one screening stage whose lines a test writes, and the mistakes that are told of it."""

from pathlib import Path

from screener.core.judgement import Stage
from screener.protocol import Review, StageProtocol, review_with_mistakes

GPT = "gpt: {kind: chat, model: 'openai:gpt-4o'}"
MINI = "mini: {kind: chat, model: 'openai:gpt-4o-mini'}"
PAIR = "pair: {kind: ensemble, members: [gpt, mini], rule: any_include}"
TWO = (GPT, MINI, PAIR)
ONE = (GPT,)


def folder(at: Path, stage: str, reviewers: tuple[str, ...] = TWO) -> Path:
    """Return a review whose one stage has these lines."""
    (at / "prompts").mkdir()
    (at / "prompts" / "abstract.md").write_text("# System\nx\n# User\n{{ record }}\n")
    lines = "".join(f"    {line}\n" for line in stage.splitlines())
    (at / "prompts" / "review.yaml").write_text(
        'title: Hearts\nquestions: ["What?"]\nreviewers:\n' + "".join(f"  {line}\n" for line in reviewers)
        + f'stages:\n  abstract:\n    question: "Is it?"\n    template: abstract.md\n{lines}'
        + '    criteria:\n      - {id: beat, question: "Do they beat?"}\n'
    )  # fmt: skip
    return at


def stage_of(at: Path, stage: str, reviewers: tuple[str, ...] = TWO) -> StageProtocol:
    return Review(folder(at, stage, reviewers)).stage(Stage.ABSTRACT)


def mistakes(at: Path, stage: str, reviewers: tuple[str, ...] = TWO) -> list[str]:
    _, told = review_with_mistakes(folder(at, stage, reviewers))
    return [str(mistake).removeprefix(f"{at / 'prompts' / 'review.yaml'}:") for mistake in told]
