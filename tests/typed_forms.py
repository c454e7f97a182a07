"""The forms of a page as a browser without scripts finds them, and words for their fields."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

_NO_WORDS = {"hidden", "radio", "checkbox", "file", "password", "date", "time", "submit"}


@dataclass
class TypedForm:
    """A form: its address, what it sends as it stands, and the names of its fields for words."""

    action: str
    values: list[tuple[str, str]] = field(default_factory=list)
    word_fields: list[str] = field(default_factory=list)
    buttons: list[dict[str, str]] = field(default_factory=list)
    form_id: str = ""
    times: int = 0

    def filled(self) -> dict[str, list[str]]:
        """Return what is sent when somebody typed something new in every field for words."""
        self.times += 1
        data: dict[str, list[str]] = {}
        for name, value in self.values:
            if name not in self.word_fields:
                data.setdefault(name, []).append(value)
        return data | {name: [f"Een {self.word(name)} erbij."] for name in self.word_fields}

    def word(self, name: str) -> str:
        """Return the word that was typed last in the field of this name, and nowhere else."""
        position = self.word_fields.index(name)
        return f"woord{chr(ord('a') + self.times % 26)}{self.times // 26}x{position}z"


class _FormParser(HTMLParser):
    def __init__(self, html, own_address):
        super().__init__()
        self.forms, self.current, self.textarea = [], None, None
        self.own_address, self.outside_buttons = own_address, []
        self.feed(html)
        for button in self.outside_buttons:
            for form in self.forms:
                if form.form_id == button["form"]:
                    form.buttons.append(button)

    def handle_starttag(self, tag, attrs):
        attrs = {name: value or "" for name, value in attrs}
        if tag == "form":
            action = attrs.get("action") or self.own_address
            self.current = TypedForm(action, form_id=attrs.get("id", ""))
            self.forms.append(self.current)
        elif tag == "button" and "form" in attrs:
            self.outside_buttons.append(attrs)
        elif self.current is not None:
            self._handle_field(tag, attrs)

    def _handle_field(self, tag, attrs):
        name, kind = attrs.get("name", ""), attrs.get("type", "text")
        if tag == "button":
            self.current.buttons.append(attrs)
        elif tag == "textarea":
            self.textarea = name
            self.current.word_fields.append(name)
            self.current.values.append((name, ""))
        elif tag == "input" and name:
            if kind not in _NO_WORDS and "readonly" not in attrs:
                self.current.word_fields.append(name)
            if kind not in ("radio", "checkbox") or "checked" in attrs:
                self.current.values.append((name, attrs.get("value", "")))

    def handle_data(self, data):
        if self.textarea is not None:
            name, text = self.current.values[-1]
            self.current.values[-1] = (name, text + data)

    def handle_endtag(self, tag):
        if tag == "textarea":
            self.textarea = None
        if tag == "form":
            self.current = None


def all_forms(html: str, *, own_address: str) -> list[TypedForm]:
    """Return every form of a page, also one of buttons or of what is sent unseen."""
    return _FormParser(html, own_address).forms


def typed_forms(html: str, *, own_address: str) -> list[TypedForm]:
    """Return the forms of a page in which somebody can type words."""
    forms = all_forms(html, own_address=own_address)
    # In a form to sign in stand a name and a password, which are typed again.
    return [form for form in forms if form.word_fields and form.word_fields != ["name"]]
