"""A week as a PDF that one forwards: letterhead, headline, three charts, what to do, what was missed, the figures.

It names no customer and quotes none, as it is sent by email. Written with fpdf2, in the pages' own font.
"""

import io
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _
from fpdf import FPDF
from fpdf.enums import XPos, YPos
from fpdf.fonts import FontFace

from webhooks.display import chart_image
from webhooks.display.charts import Chart

from . import charts, export, summary
from .trends import percent

FONT = "Inter"
MARGIN, WIDTH = 18, 174  # mm, on A4
TEXT, STRONG, QUIET, RULE, ACCENT = (
    (55, 65, 81),
    (17, 24, 39),
    (107, 114, 128),
    (209, 213, 219),
    (15, 118, 110),
)
GAP, ROW, CHART = 5, 6, 145  # mm, mm, CSS pixels
Table = Sequence[Sequence[str]]
Colour = tuple[int, int, int]


class _Letter(FPDF):
    def __init__(self, report: dict[str, Any]) -> None:
        super().__init__(format="A4")
        self.head = export.days(report)
        for style, weight in (("", "Regular"), ("B", "SemiBold")):
            self.add_font(FONT, style, chart_image.font_path(weight))
        self.set_margins(MARGIN, MARGIN)
        self.set_auto_page_break(True, 20)
        self.alias_nb_pages()

    def header(self) -> None:
        self._style(8, QUIET)
        self.cell(WIDTH / 2, 5, _("Weekly support report"), new_x=XPos.RIGHT, new_y=YPos.TOP)
        self.cell(WIDTH / 2, 5, self.head, align="R", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self._rule()
        self.ln(4)

    def footer(self) -> None:
        self.set_y(-15)
        self._style(8, QUIET)
        self.cell(WIDTH / 2, 5, settings.PUBLIC_URL, new_x=XPos.RIGHT, new_y=YPos.TOP)
        self.cell(
            WIDTH / 2,
            5,
            _("Page %(number)s of %(pages)s") % {"number": self.page_no(), "pages": "{nb}"},
            align="R",
        )

    def _style(self, size: float, colour: Colour = TEXT, style: str = "") -> None:
        self.set_font(FONT, style, size)
        self.set_text_color(*colour)

    def _rule(self) -> None:
        self.set_draw_color(*RULE)
        self.line(MARGIN, self.get_y() + 1, MARGIN + WIDTH, self.get_y() + 1)

    def text_line(self, text: str, *, size: float = 10, colour: Colour = TEXT, style: str = "") -> None:
        self._style(size, colour, style)
        self.multi_cell(WIDTH, size * 0.5, text, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)

    def title_line(self, text: str, *, room: float = 25) -> None:
        """On the page of what follows, if that is not higher than `room` (mm)."""
        if self.will_page_break(room):
            self.add_page()
        self.ln(GAP)
        self.text_line(text, size=12, colour=STRONG, style="B")
        self.ln(2)

    def bullets(self, items: Sequence[tuple[str, str]]) -> None:
        """Each with its link, or ""."""
        for text, link in items:
            self._style(10, ACCENT if link else TEXT)
            self.set_x(MARGIN)
            self.cell(5, 5.5, "•")
            self.multi_cell(WIDTH - 5, 5.5, text, align="L", link=link, new_x=XPos.LMARGIN, new_y=YPos.NEXT)

    def chart(self, drawn: Chart) -> None:
        """With its title on one page."""
        picture = io.BytesIO(chart_image.png(drawn, height=CHART))
        high = WIDTH * chart_image.height_of(drawn, CHART) / chart_image.WIDTH
        if self.will_page_break(high + 6):
            self.add_page()
        self.text_line(drawn.title, size=9, colour=STRONG, style="B")
        self.ln(1)
        self.image(picture, w=WIDTH, h=high, alt_text=drawn.summary)
        self.ln(4)

    def figures(self, rows: Table, widths: Sequence[int]) -> None:
        self._style(9)
        self.set_draw_color(*RULE)
        head = FontFace(emphasis="BOLD", color=QUIET, size_pt=8)
        aligned = ("LEFT", *("RIGHT",) * (len(widths) - 1))
        with self.table(
            width=WIDTH, col_widths=widths, text_align=aligned, borders_layout="HORIZONTAL_LINES", headings_style=head,
            line_height=ROW,
        ) as table:  # fmt: skip
            for row in rows:
                table.row(row)


def rendered(report: dict[str, Any]) -> bytes:
    """The same report gives the same bytes."""
    letter = _Letter(report)
    letter.set_title(report["headline"])
    letter.set_author(_("Support site"))
    letter.set_lang(translation.get_language() or "en")
    letter.set_creation_date(datetime.fromisoformat(report["made_at"]))
    letter.add_page()
    for part in PARTS:
        part(letter, report)
    return bytes(letter.output())


def _head(letter: _Letter, report: dict[str, Any]) -> None:
    letter.text_line(report["headline"], size=17, colour=STRONG, style="B")
    letter.ln(2)
    made = (
        _("Saved %(at)s (%(zone)s).")
        if report["kept"]
        else _("Not saved: these figures change as data changes. Calculated %(at)s (%(zone)s).")
    ) % {"at": export.moment(report, report["made_at"]), "zone": report["zone"]}
    letter.text_line(f"{made} {summary.webhooks(report['webhooks'])}", size=9, colour=QUIET)
    letter.ln(4)


def _star(letter: _Letter, report: dict[str, Any]) -> None:
    if "north_star" in report:
        rows = [(_("Figure"), _("Value")), *export.figure_rows("north_star", report["north_star"])]
        letter.title_line(_("In time and right"), room=_height(rows))
        letter.figures(rows, (120, 54))


def _charts(letter: _Letter, report: dict[str, Any]) -> None:
    for one in charts.headline(report):
        if one.has_data:
            letter.chart(one)


def _items(letter: _Letter, report: dict[str, Any]) -> None:
    base = settings.PUBLIC_URL.rstrip("/")
    letter.title_line(_("Action items"))
    letter.bullets(
        [(one["what"], base + one["where"]) for one in report["needs_you"]]
        or [(_("No decisions are waiting."), "")]
    )


def _changed(letter: _Letter, report: dict[str, Any]) -> None:
    letter.title_line(_("What changed"))
    letter.bullets([(sentence, "") for sentence in report["text"]])


def _causes(letter: _Letter, report: dict[str, Any]) -> None:
    letter.title_line(_("Why we missed"))
    drawn = charts.causes(report)
    if drawn.has_data:
        letter.chart(drawn)
    else:
        letter.text_line(_("No targets were missed."))


def _attainment(letter: _Letter, report: dict[str, Any]) -> None:
    letter.title_line(_("SLA attainment"))
    letter.figures(export.attainment_rows(report), (38, 24, 12, 25, 33, 18, 25, 28))


def _escalated(letter: _Letter, report: dict[str, Any]) -> None:
    found = report["escalations"]
    if found["by_reason"]:
        rows, share = export.escalation_rows(found), percent(found["share"])
        heading = _("Escalations: raised for %(share)s of new conversations") % {"share": share}
        letter.title_line(heading, room=_height(rows))
        letter.figures(rows, (60, 28, 28, 30, 28))


def _drafted(letter: _Letter, report: dict[str, Any]) -> None:
    letter.ln(GAP)
    for drawn in (charts.outcomes(report), charts.edits(report)):
        if drawn.has_data:
            letter.chart(drawn)


def _others(letter: _Letter, report: dict[str, Any]) -> None:
    for name in ("flow", "csat", "drafts"):
        rows = [(_("Figure"), _("Value")), *export.figure_rows(name, report[name])]
        letter.title_line(export.title(name), room=_height(rows))
        letter.figures(rows, (94, 80))


def _height(rows: Table) -> float:
    """About, with a heading above."""
    return ROW * len(rows) + 20


Part = Callable[[_Letter, dict[str, Any]], None]
PARTS: tuple[Part, ...] = (
    _head,
    _charts,
    _items,
    _changed,
    _star,
    _causes,
    _attainment,
    _escalated,
    _drafted,
    _others,
)
