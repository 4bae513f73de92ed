"""What imports say, each once. It is kept in English; `shown` says it in the language of the page. Pure."""

import re
from collections.abc import Iterator

from django.utils.translation import gettext_noop as _

from webhooks.display.kept_texts import KeptTexts, number
from webhooks.outbound import allowed_addresses, chatwoot_texts, web_page

from ..articles import fields, refusals
from ..models import ImportRun

# Where an article was found; a name alone says it, too.
IN_FILE = _("%(name)s, line %(n)s")
LINE = _("line %(n)s")
FIRST_LINES = _("Line %(n)s")
ARTICLE = _("Article %(n)s “%(title)s”")
CANNED_RESPONSE = _("Canned response %(n)s “%(title)s”")

# What is wrong with one article: "refunds.md, line 3: policy must be true or false."
LINK_LEADS_OUT = _("it is a link that leads out of the folder.")
PATH_LEADS_OUT = _("its path leads out of the folder.")
UNREADABLE = _("it cannot be read (%(error)s).")
DAMAGED = _("it cannot be unpacked (%(error)s).")
LARGE_FILE = _("it is over %(n)s KiB.")
NOT_UTF8 = _("it is not UTF-8. Save it as UTF-8 and import it again.")
OPEN_FRONT_MATTER = _("the front matter has no closing --- line.")
LONG_FRONT_MATTER = _("the front matter has over %(n)s characters.")
WRONG_FRONT_MATTER = _("the front matter is not valid: %(error)s.")
# What a parser found, in our words, with its own in brackets
FRONT_TAB = _("the front matter is indented with a tab; use spaces (%(error)s).")
FRONT_QUOTE = _("a quotation mark of the front matter is not closed (%(error)s).")
FRONT_BRACKET = _("a bracket of the front matter is not closed (%(error)s).")
FRONT_COLON = _("a value with a colon needs quotation marks, or its line is indented wrongly (%(error)s).")
FRONT_INDENT = _(
    "a line of the front matter is indented wrongly, or text follows a quotation mark (%(error)s)."
)
FRONT_NO_COLON = _("a line of the front matter has no colon after its name (%(error)s).")
FRONT_SIGN = _("a value that begins with a sign such as @ or & needs quotation marks (%(error)s).")
CSV_QUOTE = _("a quotation mark is not closed (%(error)s).")
CSV_AFTER_QUOTE = _("text follows a closing quotation mark; write one within a text twice (%(error)s).")
CSV_CELL = _("a cell is too long (%(error)s).")
NO_LINES = _("the front matter must be lines such as “title: Refunds”.")
NOT_ONE_TEXT = _("%(key)s must be one text.")
NOT_A_FLAG = _("%(key)s must be true or false.")
COLUMNS = _("it has %(n)s columns; the header has %(header)s.")
TAKEN_SLUG = _("the slug %(slug)s is already used by %(place)s.")
TAKEN_CODE = _("another saved reply already has this short code.")
NO_CODE = _("it has no short code or no text.")
LONG_CODE = _("its short code or its text is too long.")

# Why nothing can be imported
NOT_A_ZIP = _("This is not a zip file, or it is damaged.")
NOT_A_FOLDER = _("%(path)s is not a folder or a zip file.")
NO_FILES = _("There are no Markdown files (*.md) in it.")
MANY_FILES = _("There are %(n)s files. At most %(most)s can be imported at once.")
LARGE_FILES = _("The files are over %(n)s MiB together. Import them in parts.")
NO_COLUMNS = _("the first line must name the columns, with title and body among them.")
NOT_CSV = _("this is not valid CSV: %(error)s.")
MANY_ROWS = _("There are over %(n)s rows. Import them in parts.")
NO_TEXT = _("%(url)s has no text.")
NO_SCRIPTS = _("A page that a script builds cannot be imported.")
SIGN_IN = _("%(url)s asks for a password. Only pages that anyone can read are imported.")
NOTHING_LISTED = _("%(run)s lists no articles, but %(n)s came from it. Nothing was changed.")
NO_HELP_CENTRE = _("%(account)s has no help centre “%(portal)s”. Nothing was changed.")
HELP_CENTRE_UNREAD = _("The help centre could not be read.")
MANY_PAGES = _("The help centre has over %(n)s pages.")
CANNED_UNREAD = _("The canned responses could not be read.")
NOT_CONNECTED = _("The Chatwoot account of this import is not connected any more.")

PLACES = KeptTexts(IN_FILE, LINE, FIRST_LINES, ARTICLE, CANNED_RESPONSE, facts={"n": number})
PROBLEMS = KeptTexts(
    LINK_LEADS_OUT, PATH_LEADS_OUT, UNREADABLE, DAMAGED, LARGE_FILE, NOT_UTF8, OPEN_FRONT_MATTER, LONG_FRONT_MATTER,
    WRONG_FRONT_MATTER, FRONT_TAB, FRONT_QUOTE, FRONT_BRACKET, FRONT_COLON, FRONT_INDENT, FRONT_NO_COLON, FRONT_SIGN, CSV_QUOTE,
    CSV_AFTER_QUOTE, CSV_CELL, NO_LINES, NOT_ONE_TEXT, NOT_A_FLAG, COLUMNS, TAKEN_SLUG, TAKEN_CODE, NO_CODE, LONG_CODE, NOT_A_ZIP,
    NOT_A_FOLDER, NO_FILES, MANY_FILES, LARGE_FILES, NO_COLUMNS, NOT_CSV, MANY_ROWS, NO_TEXT, NO_SCRIPTS, SIGN_IN, NOTHING_LISTED,
    NO_HELP_CENTRE, HELP_CENTRE_UNREAD, MANY_PAGES, CANNED_UNREAD, NOT_CONNECTED, *fields.SENTENCES, *refusals.SENTENCES,
    *web_page.SENTENCES, *allowed_addresses.SENTENCES, *chatwoot_texts.SENTENCES,
    facts={
        "n": number,
        "most": number,
        "texts": number,
        "header": number,
        "name": fields.label,
        "place": PLACES.shown,
        "run": ImportRun.shown_name,
    },
)  # fmt: skip


def shown(text: str) -> str:
    """A kept problem, with its place in front if it has one. One that no sentence here made stands as it is."""
    for place, problem in _divided(text):
        if said := PROBLEMS.shown_paragraph(problem):
            return f"{PLACES.shown(place)}: {said}" if place else said
    return text


def _divided(text: str) -> Iterator[tuple[str, str]]:
    """(place, problem), first without a place: names and addresses may have colons, too."""
    yield "", text
    for colon in re.finditer(": ", text):
        yield text[: colon.start()], text[colon.end() :]
