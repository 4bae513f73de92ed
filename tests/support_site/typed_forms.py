"""A form as a browser would send it: every field of a page with its value."""

from html.parser import HTMLParser


class Form(HTMLParser):
    """sent: names with their values, of the form that holds the row."""

    def __init__(self, html: str, *, form_id: str) -> None:
        super().__init__(convert_charrefs=True)
        self.sent: dict[str, list[str]] = {}
        self.form_id, self.inside = form_id, False
        self.select, self.textarea = "", ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.inside = given.get("id") == self.form_id
        if not self.inside:
            return
        name, kind = given.get("name", ""), given.get("type", "text")
        if tag == "input" and name and kind not in ("submit", "button", "file"):
            ticked = kind in ("checkbox", "radio")
            if not ticked or "checked" in given:
                self.sent.setdefault(name, []).append(given.get("value", "on" if ticked else ""))
        elif tag == "select":
            self.select = name
        elif tag == "option" and self.select and "selected" in given:
            self.sent.setdefault(self.select, []).append(given.get("value", ""))
        elif tag == "textarea":
            self.textarea = name
            self.sent[name] = [""]

    def handle_data(self, data: str) -> None:
        if self.inside and self.textarea:
            self.sent[self.textarea][0] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.inside = False
        elif tag == "select":
            self.select = ""
        elif tag == "textarea" and self.textarea:
            text = self.sent[self.textarea][
                0
            ]  # a browser leaves the first line break out, and sends two characters for each
            self.sent[self.textarea] = [
                text.removeprefix("\r").removeprefix("\n").replace("\r\n", "\n").replace("\n", "\r\n")
            ]
            self.textarea = ""
