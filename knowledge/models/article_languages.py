"""The languages that an article can be in: ISO 639-1 codes and their English names. Pure."""

from django.utils.translation import gettext_lazy
from django.utils.translation import gettext_noop as _

from ..text.languages import NAMES

# Any text may turn out to be in one of NAMES; these are looked for only where articles are written in them.
MORE = {
    "et": _("Estonian"), "fa": _("Persian"), "lt": _("Lithuanian"), "lv": _("Latvian"), "sl": _("Slovenian"), "sr": _("Serbian"),
}  # fmt: skip
LANGUAGES = [(code, gettext_lazy(name)) for code, name in sorted((NAMES | MORE).items())]
CODES = frozenset(code for code, _ in LANGUAGES)


def code_of(locale: str) -> str | None:
    """The code of a locale such as pt_BR, zh-TW or EN; None for a language that is not in the list."""
    code = locale.strip().replace("-", "_").partition("_")[0].lower()
    code = {"nb": "no", "nn": "no", "iw": "he", "in": "id"}.get(code, code)
    return code if code in CODES else None
