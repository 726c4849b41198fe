"""`screener check`: all mistakes at once, each with file, line, field and what to write instead."""

import re
from pathlib import Path

import pytest
from support import Cli, fill_in

from screener.core.judgement import Stage
from screener.examples import new_review
from screener.protocol import Prompt, Review, as_shown
from screener.records import Record
from screener.text import cue_problem

NOTHING = re.compile(
    r"pydantic|input_value|type=|Input should|Extra inputs|Field required|validation error", re.IGNORECASE
)


def protocol(folder: Path) -> Path:
    return folder / "prompts" / "review.yaml"


def change(folder: Path, *changes: tuple[str, str]) -> None:
    """Replace words of the protocol, each once."""
    text = protocol(folder).read_text()
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    protocol(folder).write_text(text)


def mistakes(cli: Cli) -> list[str]:
    """The lines of a check that fails, each with its place and without the words of a library."""
    done = cli("check")
    assert done.code == 2
    assert done.out == ""
    assert not NOTHING.search(done.err), done.err
    lines = done.err.removeprefix("screener: ").splitlines()
    assert all(re.match(r"\S+\.(yaml|md|py|csv)(:\d+)?: ", line) for line in lines), done.err
    return lines


CUES = [
    "wom?n", "colo?r*", "*cardio", "ran*omi*", "electrocardiogra**", "'heart attack'", '"foundation model"', "“heart attack”",
    "ecg NEAR/3 model", "ecg NEAR model", "ECG near5 signal", "heart adj3 failure", "heart ADJ failure", "ecg W/3 signal",
    "ecg w/3 signal", "heart NEXT/2 failure", "heart PRE/2 failure", "heart N3 failure", "randomi$", "wom#n", "ecg[tiab]",
    "Electrocardiography [MeSH]", "TI=ecg", "TS=(ecg)", "ti:ecg", "ecg.ti,ab.", "ecg:ti,ab", "TITLE-ABS-KEY(ecg)",
    "exp heart failure/", "Electrocardiography/", "ecg AND model", "ecg OR ekg", "NOT child", "(ecg)", "ecg (or ekg)", "ecg; ekg",
    "ecg | ekg", "ecg~3", "{heart attack}", "*", " ", "≥18", "ecg-",
]  # fmt: skip


@pytest.mark.parametrize("cue", CUES)
def test_a_cue_in_a_databases_syntax_is_a_mistake(cue: str) -> None:
    assert cue_problem(cue)


@pytest.mark.parametrize(
    "cue",
    [
        "electrocardiogra*", "ECG", "self-supervised", "Alzheimer's disease", "12-lead", "CD4+ T cells", "R&D unit", "and/or",
        "beta(2)-agonist", "1,25-dihydroxyvitamin", "HER2/neu", "TNM N2", "心电图", "near infrared", "not only", "n/a", "mesh repair",
        "next generation sequenc*", "within 30 days", "same day surgery", "St. Louis", "5' UTR", "O'Brien", "95% CI", "état",
    ],
)  # fmt: skip
def test_a_word_or_phrase_of_texts_is_a_cue(cue: str) -> None:
    assert cue_problem(cue) is None


def test_every_cue_that_can_find_nothing_is_told_with_its_line(blank: Path, cli: Cli) -> None:
    change(
        blank, ("supports: []", 'supports: ["wom?n", ECG]'), ("contradicts: []", "contradicts: [heart adj3 failure]")
    )
    first, second = mistakes(cli)
    assert "review.yaml:28: stages.abstract.criteria.0.cues.supports.0: `wom?n`: " in first
    assert "end the cue with `*`" in first
    assert "review.yaml:30: stages.abstract.criteria.0.cues.contradicts.0: `heart adj3 failure`: " in second


def test_the_name_of_a_form_with_the_other_ending_is_told(blank: Path, cli: Cli) -> None:
    change(blank, ("form: form.yaml", "form: form.py"))
    (line,) = mistakes(cli)
    assert line.endswith("form.py; did you mean `form.yaml`?")


def test_words_of_a_form_that_can_be_found_nowhere_are_told(blank: Path, cli: Cli) -> None:
    form = blank / "prompts" / "form.yaml"
    form.write_text(form.read_text().replace("near: [study,", "near: [stud?,"))
    [line] = mistakes(cli)
    assert "form.yaml: study.design: `stud?`" in line


def test_the_template_of_a_new_review_is_refused_until_it_is_written(tmp_path: Path, cli: Cli, monkeypatch) -> None:
    new_review(tmp_path)
    monkeypatch.chdir(tmp_path)
    lines = mistakes(cli)
    assert len(lines) == 6
    assert all("still the template's; write" in line for line in lines)
    fill_in(tmp_path)
    assert cli("check").code == 0


@pytest.mark.parametrize("rule", ["{humans: 0}", "{humans: 0, resolvers: [ada]}"])
def test_a_stage_that_nobody_decides_is_refused(blank: Path, cli: Cli, rule: str) -> None:
    change(blank, ("decided_by: {humans: 2, machine: embedded}", f"decided_by: {rule}"))
    [line] = mistakes(cli)
    assert "stages.abstract.decided_by: nobody decides here" in line
    change(blank, (f"decided_by: {rule}", "decided_by: {humans: 0, machine: embedded}"))
    assert cli("check").code == 0


def test_all_mistakes_are_told_at_once_in_the_words_of_the_protocol(blank: Path, cli: Cli) -> None:
    change(
        blank,
        ('title: "Adults with asthma"', "title: 5"),
        ("silence: unclear", "silense: no"),
        ("supports: [] ", "supports: ECG"),
        ("contradicts: []", 'contradicts: ["e?g"]'),
        ("id: scope", "id: Scope A"),
        ("years: [2015, 2025]", "years: [2025, 2015]"),
        ("humans: 2, machine: embedded", "humans: two, machine: embeded"),
        ("show_machine: never", "show_machine: nevr"),
        ("  fulltext: ", "  fultext: "),
        ("template: extraction.md", "template: extr.md"),
        (
            "reviewers:\n",
            "reviewers:\n  gpt: {kind: chat, model: gpt, timeout_s: -1, paramters: {}}\n  x: {kind: chatt}\n",
        ),
    )
    (blank / "gold" / "gold.yaml").write_text("name: x\nstatus: humann\nsplit: {slat: a}\n")
    abstract = blank / "prompts" / "abstract.md"
    abstract.write_text(abstract.read_text().replace("purpose:", "porpose:", 1))
    lines = mistakes(cli)
    for words in (
        "title: must be text",
        'bare `no` is a boolean in YAML; write it in quotes: "no"',
        "criteria.0.silense: unknown key; did you mean `silence`?",
        "cues.supports: must be a list, like [one, two]",
        "cues.contradicts.0: `e?g`: `?` stands for no letter",
        "criteria.1.id: `Scope A` is not possible here: it has lower-case letters",
        "criteria.1.years: the first year is after the last",
        "decided_by.humans: must be a whole number",
        "decided_by.machine: no reviewer is named `embeded`; did you mean `embedded`?",
        "show_machine: `nevr` is none of 'never', 'after', 'before'; did you mean `never`?",
        "stages.fultext: `fultext` is none of 'abstract', 'fulltext', 'extraction'; did you mean `fulltext`?",
        "template: there is no file",
        "gpt.model: `gpt` is not possible here: it is written `provider:name`",
        "gpt.timeout_s: must be more than 0 (it is -1)",
        "gpt.paramters: unknown key; did you mean `parameters`?",
        "x.kind: `chatt` is none of 'embedded', 'chat', 'probability', 'ensemble'; did you mean `chat`?",
        "abstract.md:3: `porpose` is no key of the front matter; did you mean `purpose`?",
        "gold.yaml:2: status: `humann` is none of 'human', 'provisional'; did you mean `human`?",
        "gold.yaml:3: split.slat: unknown key; did you mean `salt`?",
        "gold.yaml:3: split.salt: is missing; write it",
    ):
        assert sum(words in line for line in lines) == 1, (words, lines)
    assert len(lines) == 20
    numbers = [int(line.split("review.yaml:")[1].split(":")[0]) for line in lines if "review.yaml:" in line]
    assert numbers == sorted(numbers)


def test_a_mistake_is_not_told_twice_for_what_comes_of_it(blank: Path, cli: Cli) -> None:
    change(blank, ("embedded: {kind: embedded}", "embedded: {kind: embeded}"))
    [line] = mistakes(cli)
    assert "did you mean `embedded`?" in line
    change(
        blank,
        ("embedded: {kind: embeded}", "embedded: {kind: embedded}"),
        ("        question: Was it", "        qestion: Was it"),
    )
    first, second = mistakes(cli)
    assert "qestion: unknown key; did you mean `question`?" in first + second
    assert "question: is missing" in first + second


def test_cues_that_stand_in_no_record_are_listed_and_are_no_mistake(blank: Path, cli: Cli) -> None:
    change(blank, ("supports: []", "supports: [electrocardiogra*, asthma]"), ("suggests: []", "suggests: [spirometry]"))
    assert cli("check", "--json").json["unmatched_cues"] == {}, "without records nothing can be said"
    (blank / "records.csv").write_text("id,title,abstract\n1,Asthma in adults,We used ECG.\n2,Spirometry,\n")
    cli("import", "records.csv")
    assert cli("check", "--json").json["unmatched_cues"] == {"abstract": {"population": ["electrocardiogra*"]}}
    shown = " ".join(cli("check").out.split())
    assert "population: 1 of its cues are in no title or abstract so far: electrocardiogra*" in shown


def test_a_prompt_that_shows_the_record_among_its_rules_is_told(ecg: Path, cli: Cli) -> None:
    assert cli("check", "--json").json["prompt_notes"] == []
    path = ecg / "prompts" / "abstract.md"
    text = path.read_text()
    path.write_text(text.replace("# User\n", "The record is {{ record.mark }}.\n\n# User\n"))
    line = path.read_text().split("\n").index("The record is {{ record.mark }}.") + 1
    (note,) = cli("check", "--json").json["prompt_notes"]
    assert note.startswith(f"{path}:{line}: `record` stands in `# System`")
    assert note in " ".join(cli("check").out.replace("\n", " ").split())


def test_requests_about_different_records_begin_alike(ecg: Path) -> None:
    review = Review(ecg)
    for stage, template in ((Stage.ABSTRACT, "abstract.md"), (Stage.FULLTEXT, "fulltext.md")):
        prompt, spec = Prompt.read(ecg / "prompts" / template), review.stage(stage)
        one, two = (prompt.messages(spec, as_shown(Record(id=a, title=a, abstract=a)), "R") for a in ("x", "y"))
        assert one[0] == two[0]
        assert all(f"{criterion.id}: {criterion.question}" in one[0].content for criterion in spec.questions)
        assert one[1] != two[1]
