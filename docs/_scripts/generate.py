"""Write the pages of the documentation that are made from the code: `python docs/_scripts/generate.py`.

They go to `docs/reference/` and `docs/images/rooms.svg`, which are not committed. Then `zensical build --strict` makes
the site.
"""

import sys
from pathlib import Path

DOCS = Path(__file__).parents[1]
sys.path.insert(0, str(DOCS))

from _scripts import reference_commands, reference_files, reference_keys, reference_python, rooms  # noqa: E402


def pages() -> dict[str, str]:
    """Return every generated file by its path in the documentation."""
    return {
        "images/rooms.svg": rooms.svg(),
        "reference/commands.md": reference_commands.commands(),
        "reference/exit-codes.md": reference_commands.exit_codes(),
        "reference/review-yaml.md": reference_keys.review_yaml(),
        "reference/sources-yaml.md": reference_keys.sources_yaml(),
        "reference/form-yaml.md": reference_keys.form_yaml(),
        "reference/gold-yaml.md": reference_keys.gold_yaml(),
        "reference/sample-yaml.md": reference_keys.sample_yaml(),
        "reference/server-yaml.md": reference_keys.server_yaml(),
        "reference/examples-yaml.md": reference_keys.examples_yaml(),
        "reference/forms.md": reference_files.forms(),
        "reference/formats.md": reference_files.formats(),
        "reference/plugins.md": reference_files.plugins(),
        "reference/python.md": reference_python.page(),
        "reference/rooms.md": rooms.page(),
    }


def main(folder: Path = DOCS) -> None:
    """Write the generated files into `folder`."""
    for name, content in pages().items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")


if __name__ == "__main__":
    main()
