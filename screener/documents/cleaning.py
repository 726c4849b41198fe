"""Characters that no text of a document holds."""

import re

_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def clean(text: str) -> str:
    """Without what can be neither shown nor stored: control characters, halves of surrogate pairs, form feeds."""
    return _CONTROLS.sub("", text)
