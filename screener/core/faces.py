"""Packages that import a part of themselves when something of it is first asked for.

All parts of all rooms take a second to import, and a command uses few of them.
"""

import re
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

_IMPORT = re.compile(r"^    from (\.[\w.]+) import (?:\(([^)]*)\)|([^\n]+))", re.MULTILINE)


def on_demand(package: str, file: str) -> Callable[[str], Any]:
    """Return the `__getattr__` of a package: it imports what the package's file imports under `if TYPE_CHECKING:`.

    So each name is written once, and type checkers read it as they read any import. A name that is a module's too
    must be imported outright: whoever imported the module would be given the module.
    """
    homes: dict[str, tuple[str, str]] = {}
    for module, several, few in _IMPORT.findall(Path(file).read_text(encoding="utf-8")):
        for one in (several or few).split(","):
            if words := one.split():  # NAME or NAME as OTHER
                homes[words[-1]] = module, words[0]

    def get(name: str) -> Any:
        if name not in homes:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        module, own_name = homes[name]
        return getattr(import_module(module, package), own_name)

    return get
