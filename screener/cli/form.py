"""`screener form`: start an extraction form from a template, and write one in Python as YAML."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .common import JsonOption, ReviewOption, emit, open_review, say_path

if TYPE_CHECKING:
    from ..review.form_files import MadeForm

app = typer.Typer(help="Start an extraction form, or write one as YAML.", no_args_is_help=True, rich_markup_mode=None)


@app.command("list")
def list_(json: JsonOption = False) -> None:
    """List the templates of forms."""
    from ..examples import form_templates

    templates = form_templates()
    if json:
        emit({"templates": [{"name": name, "about": template.about} for name, template in templates.items()]})
        return
    width = max(map(len, templates))
    for name, template in templates.items():
        print(f"{name:<{width}}  {template.about}")


@app.command("new")
def new(
    template: Annotated[str, typer.Argument(metavar="TEMPLATE", help="A name from `screener form list`.")],
    review: ReviewOption = None,
    json: JsonOption = False,
) -> None:
    """Copy a template into the review's folder prompts, for you to change."""
    from ..review.form_files import new_form

    _tell(new_form(template, open_review(review).prompts), json)


@app.command("to-yaml")
def to_yaml(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The Python file of a form. It is run.")],
    json: JsonOption = False,
) -> None:
    """Write a form in Python as YAML beside it. It is the same form: what was answered stays valid."""
    from ..review.form_files import form_to_yaml

    _tell(form_to_yaml(file), json)


def _tell(made: "MadeForm", json: bool) -> None:
    if json:
        emit(made.as_json())
        return
    derived = f", and derives {made.derived} by rules" if made.derived else ""
    print(f"Wrote {say_path(made.path)}: a form that asks for {made.asked} items{derived}.")
    print(
        f"Next: name it in review.yaml, under `stages: extraction:`, as `form: {made.path.name}`, and `screener check`."
    )
