"""The form of a page as a browser would send it."""

from html.parser import HTMLParser


class _Form(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.fields: dict[str, list[str]] = {}
        self.name, self.text, self.choices = "", "", list[str]()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "input" and given.get("name") and (given.get("type") != "checkbox" or "checked" in given):
            self.fields.setdefault(given["name"] or "", []).append(given.get("value") or "")
        elif tag in ("textarea", "select"):
            self.name, self.text, self.choices = given.get("name") or "", "", []
        elif tag == "option":
            self.choices.insert(0 if "selected" in given else len(self.choices), given.get("value") or "")

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":  # without the line end that begins it
            self.fields[self.name] = [self.text.removeprefix("\n").replace("\n", "\r\n")]
        elif tag == "select":
            self.fields[self.name] = self.choices[:1]


def sent_form(html: str, marked: str) -> dict[str, list[str]]:
    """The fields of the form whose tag begins as `marked` says, untouched."""
    form = _Form()
    form.feed(html[html.index(marked) : html.index("</form>", html.index(marked))])
    return form.fields
