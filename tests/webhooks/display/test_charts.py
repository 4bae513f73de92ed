"""A chart is one description: its axis encloses its values, gaps stay gaps, and everything it shows is also text."""

import io
import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.template import Context, Template
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageChops

from webhooks.display import chart_image, charts
from webhooks.display.charts import BARS, COUNT, DURATION, LINE, RANKED, SHARE, Chart, Series

WEEK = ["W40", "W41", "W42", "W43"]
VALUES = {
    "share": (SHARE, st.floats(0, 1)), "count": (COUNT, st.integers(0, 10**7)), "duration": (DURATION, st.floats(0, 10**7)),
}  # fmt: skip


def make_chart(*values: float | None, **facts) -> Chart:
    labels = WEEK[: len(values)]
    return Chart("First response", labels, [Series("Met", values)], **{"scale": SHARE} | facts)


@pytest.mark.parametrize("name", VALUES)
@pytest.mark.parametrize("from_zero", [True, False])
@given(data=st.data())
def test_the_marks_enclose_every_value_and_are_few(name, from_zero, data):
    scale, values = VALUES[name]
    drawn = data.draw(st.lists(values, max_size=9))

    marks = scale.marks(drawn, from_zero=from_zero)

    assert marks == sorted(set(marks))
    assert 2 <= len(marks) <= 7
    assert all(marks[0] - 1e-6 <= value <= marks[-1] + 1e-6 for value in drawn)
    assert not from_zero or marks[0] == 0


def test_the_smallest_number_there_is_has_marks_too():
    assert SHARE.marks([5e-324], from_zero=False)[0] == 0


def test_shares_end_at_a_hundred_percent_and_begin_near_the_lowest():
    marks = SHARE.marks([0.93, 1.0], from_zero=False)

    assert (SHARE.text(marks[0]), SHARE.text(marks[-1])) == ("92 %", "100 %")


def test_a_stacked_chart_is_as_high_as_its_sums():
    chart = Chart("Drafts", WEEK[:1], [Series("Kept", [60]), Series("Edited", [50])], form=BARS, stacked=True)

    assert chart.marks[-1] >= 110


def test_a_gap_is_no_data_in_the_table_and_breaks_the_line():
    chart = make_chart(0.5, None, 1.0)

    assert [cells for _, _, cells in chart.rows] == [["50 %"], ["no data"], ["100 %"]]
    assert charts.runs(chart.series[0].values) == [range(1), range(2, 3)]
    assert chart.data()["series"][0]["values"] == [0.5, None, 1.0]


def test_the_summary_says_the_last_value_the_range_and_the_target():
    series = [Series("Met", [0.5, 0.75, None]), Series("Goal", [0.8] * 3, dashed=True)]

    assert Chart("First response", WEEK[:3], series, SHARE, axis="Week").summary == (
        "First response. Met: 75 % in W41, from 50 % to 75 %. Goal: 80 %."
    )


def test_a_chart_of_targets_alone_has_no_data():
    assert not Chart(
        "Times", WEEK[:1], [Series("Target", [1], dashed=True), Series("Median", [None])]
    ).has_data


# The component


def page(chart: Chart) -> str:
    return Template("{% load charts %}{% chart chart %}").render(Context({"chart": chart}))


def test_each_value_stands_in_a_table_and_its_label_leads_to_its_rows():
    html = page(
        Chart(
            "Causes", ["Unassigned"], [Series("Missed", [62], "bad")], form=RANKED, links=["/rows/?of=missed"]
        )
    )

    assert '<a class="s-link" href="/rows/?of=missed">Unassigned</a></th><td class="s-number">62</td>' in html
    assert re.search(r'<canvas [^>]*role="img" tabindex="0" aria-label="Causes: Unassigned 62\.', html)


def test_what_people_named_is_no_markup_and_no_script():
    html = page(make_chart(1.0)) + page(Chart('"><script>x</script>', ["<b>"], [Series("</canvas>", [1])]))

    assert "<script" not in html
    assert "<b>" not in html
    assert html.count("</canvas>") == 2


def test_without_data_there_is_no_canvas():
    html = page(make_chart(None, None))

    assert "No data yet." in html
    assert "<canvas" not in html


# The image


@pytest.mark.parametrize("form", [LINE, BARS, RANKED])
def test_an_image_shows_the_values(form):
    one, other = (
        Image.open(io.BytesIO(chart_image.png(make_chart(*values, form=form))))
        for values in ((0.5, 0.9), (0.9, 0.5))
    )

    assert one.width == chart_image.WIDTH * chart_image.SCALE
    assert ImageChops.difference(one.convert("RGB"), other.convert("RGB")).getbbox()


def test_the_same_chart_gives_the_same_image():
    assert chart_image.png(make_chart(0.5, None, 0.9)) == chart_image.png(make_chart(0.5, None, 0.9))


def test_pages_and_images_have_the_same_tones():
    css = Path(finders.find("support/site.css")).read_text().partition(".dark {")[0]

    assert dict(re.findall(r"--s-tone-(\w+): (#\w+)", css)) == chart_image.TONES
