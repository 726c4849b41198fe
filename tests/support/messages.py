"""The texts in the program, as people would read them."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

STANDS_FOR = {"stage": "abstract", "earlier": "abstract", "n": "5", "number": "1"}
"""What stands in the place of a value, by a word of the expression that gives it; a word else."""


def texts(path: Path) -> Iterator[str]:
    """The texts of a module, each value in them replaced by one of its kind."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        yield from texts_of(node)


def texts_of(node: ast.AST) -> Iterator[str]:
    """The text that a node of a module is, if it is one."""
    if isinstance(node, ast.JoinedStr):
        yield "".join(
            str(part.value) if isinstance(part, ast.Constant) else value_of(ast.unparse(part)) for part in node.values
        )
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value


def value_of(expression: str) -> str:
    words = re.findall(r"[a-z]+", expression)
    if "flags" in words or "who" in words or "option" in words:
        return ""
    return next((value for word, value in STANDS_FOR.items() if word in words), "word")


def messages(path: Path) -> Iterator[str]:
    """The whole texts of a module without what explains its code, each value in them replaced by one of its kind."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    parts = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            parts |= {id(part) for part in ast.walk(node)} - {id(node)}
    for node in ast.walk(tree):
        if id(node) not in parts and isinstance(node, ast.JoinedStr | ast.Constant):
            yield from texts_of(node)
