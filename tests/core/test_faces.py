"""Rooms import a part of themselves when something of it is first asked for; what they give is what they list."""

import subprocess
import sys
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import pytest

import screener
from screener.core.faces import on_demand

PACKAGES = sorted(
    f"screener.{'.'.join(init.parent.relative_to(Path(screener.__file__).parent).parts)}"
    for init in Path(screener.__file__).parent.rglob("__init__.py")
    if "on_demand(__name__" in init.read_text(encoding="utf-8")
)


@pytest.mark.parametrize("name", PACKAGES)
def test_a_room_gives_every_name_that_it_lists_and_never_a_module_instead(name: str) -> None:
    package = import_module(name)
    modules = {f"{name}.{module.name}" for module in iter_modules(package.__path__)}
    for module in modules:  # whoever imports a module of the room first
        import_module(module)
    for listed in package.__all__:
        assert f"{name}.{listed}" not in modules or getattr(package, listed).__class__.__name__ != "module"
        assert getattr(package, listed) is not None


def test_a_name_that_is_not_there_is_said_to_be_missing() -> None:
    import screener.records

    with pytest.raises(AttributeError, match=r"screener\.records.*colour"):
        screener.records.colour  # noqa: B018


def test_names_are_read_from_imports_of_several_lines_and_under_other_names(tmp_path: Path) -> None:
    face = tmp_path / "__init__.py"
    face.write_text(
        "if TYPE_CHECKING:\n    from .confusion import (\n        Confusion,\n    )\n    from .exact import fisher_exact as exact\n"
    )
    get = on_demand("screener.metrics", str(face))
    from screener.metrics.confusion import Confusion
    from screener.metrics.exact import fisher_exact

    assert (get("Confusion"), get("exact")) == (Confusion, fisher_exact)


def test_the_readers_of_all_formats_are_not_imported_to_say_where_a_review_stands() -> None:
    code = "import screener.review.status, sys; print('screener.records.readers.bibtex' in sys.modules)"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert told.stdout.strip() == "False"
