"""Measure the code of `screener`: its rooms and the imports between them, and the size of functions and modules.

A room is a folder directly in `screener/`. `python tests/house.py` prints the rooms by floor and the largest functions.
"""

import ast
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

HOUSE = Path(__file__).parents[1] / "screener"


@dataclass(frozen=True)
class Function:
    """A function of the house; `parameters` are counted without `self` and `cls`."""

    module: Path
    name: str
    lines: int
    parameters: int
    is_command: bool
    """Whether it is a command of the program: its parameters are the command's options."""

    def __str__(self) -> str:
        return f"{self.module}:{self.name} ({self.lines} lines, {self.parameters} parameters)"


@cache
def modules() -> dict[Path, ast.Module]:
    """Return the syntax tree of every module, by path within the house; templates of a user's folder are none."""
    paths = sorted(path for path in HOUSE.rglob("*.py") if "prompts" not in path.parts)
    return {path.relative_to(HOUSE): ast.parse(path.read_text(encoding="utf-8")) for path in paths}


def imports(path: Path, tree: ast.Module) -> Iterator[tuple[str, ...]]:
    """Yield what a module imports, also within functions, as dotted names from the root (`screener`, `numpy`, …)."""
    package = ("screener", *path.parts[:-1])
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (tuple(alias.name.split(".")) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            module = (*base, *(node.module.split(".") if node.module else ()))
            yield from ((*module, alias.name) for alias in node.names)


def rooms() -> list[str]:
    """Return the names of the rooms."""
    return sorted({path.parts[0] for path in modules() if len(path.parts) > 1})


def loose_modules() -> list[str]:
    """Return the modules that lie in no room, but for the package's own `__init__`."""
    return [str(path) for path in modules() if len(path.parts) == 1 and path.name != "__init__.py"]


@cache
def arrows() -> dict[str, set[str]]:
    """Return the rooms that each room imports."""
    names = rooms()
    result: dict[str, set[str]] = {name: set() for name in names}
    for path, tree in modules().items():
        room = path.parts[0]
        if len(path.parts) > 1:
            targets = {name[1] for name in imports(path, tree) if name[0] == "screener" and len(name) > 1}
            result[room] |= targets.intersection(names) - {room}
    return result


def circles() -> list[list[str]]:
    """Return the groups of rooms that import each other, directly or through others."""
    below = {room: _reachable(room) for room in rooms()}
    groups = {
        tuple(sorted(other for other in below if other in below[room] and room in below[other])) for room in below
    }
    return [list(group) for group in sorted(groups) if group]


def _reachable(room: str) -> set[str]:
    imported = arrows()
    reached: set[str] = set()
    waiting = [room]
    while waiting:
        for target in imported[waiting.pop()] - reached:
            reached.add(target)
            waiting.append(target)
    return reached


def floors() -> dict[str, int]:
    """Return the floor of each room: 1 for a room that imports none, else one above the highest that it imports.

    The highest floor is the number of rooms in the longest chain. Raises ValueError where rooms import in a circle.
    """
    if circles():
        raise ValueError(f"rooms import each other in a circle: {circles()}")
    imported = arrows()

    @cache
    def floor(room: str) -> int:
        return 1 + max(map(floor, imported[room]), default=0)

    return {room: floor(room) for room in imported}


def functions() -> list[Function]:
    """Return every function and method, nested ones too."""
    commands = _registered_commands()
    result = []
    for path, tree in modules().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
                names = [argument.arg for argument in arguments if argument.arg not in ("self", "cls")]
                is_command = (path, node.name) in commands or any(map(_is_command, node.decorator_list))
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                result.append(Function(path, node.name, lines, len(names), is_command))
    return result


def _is_command(call: ast.expr) -> bool:
    """Return whether an expression is `….command(…)`."""
    return isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "command"


def _registered_commands() -> set[tuple[Path, str]]:
    """Return the functions that `cli/main.py` registers as `app.command("name")(module.function)`."""
    result = set()
    for node in ast.walk(modules()[Path("cli/main.py")]):
        if isinstance(node, ast.Call) and _is_command(node.func):
            for target in node.args:
                if isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name):
                    result.add((Path("cli", f"{target.value.id}.py"), target.attr))
    return result


def third_party() -> dict[str, list[Path]]:
    """Return the packages that are imported and neither ours nor Python's, each with the modules that import it."""
    result: dict[str, list[Path]] = defaultdict(list)
    for path, tree in modules().items():
        for package in {name[0] for name in imports(path, tree)} - {"screener", *sys.stdlib_module_names}:
            result[package].append(path)
    return dict(result)


def main() -> None:
    """Print rooms, arrows and the longest chain, and the largest functions and modules."""
    imported = arrows()
    print(f"{len(imported)} rooms, {sum(map(len, imported.values()))} arrows, ", end="")
    if groups := circles():
        print(f"circles: {'; '.join(', '.join(group) for group in groups)}")
    else:
        height = floors()
        print(f"longest chain of {max(height.values())} rooms")
        for room in sorted(imported, key=lambda name: (-height[name], name)):
            print(f"  {height[room]:2} {room} -> {', '.join(sorted(imported[room])) or 'nothing'}")
    everything = functions()
    longest = sorted(everything, key=lambda function: -function.lines)[:5]
    widest = sorted((f for f in everything if not f.is_command), key=lambda function: -function.parameters)[:5]
    print("longest functions:", *longest, sep="\n  ")
    print("most parameters (commands left out):", *widest, sep="\n  ")


if __name__ == "__main__":
    main()
