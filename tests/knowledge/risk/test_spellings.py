"""A table of spellings: rules judge what the customer reads, not how somebody wrote it."""

import pytest

from knowledge.models import RiskRule
from knowledge.risk import checks
from knowledge.risk.checks import Facts
from knowledge.text import letter, money
from knowledge.text.plain import IGNORABLE, look_alike

REFUND = RiskRule(name="Refund", kind="refund", number=100, words=["refund*", "*erstatt*"], where="draft")
LEGAL = RiskRule(name="Legal", kind="words", words=["lawyer*", "*anwält*", "legal action"], where="draft")
LINK = RiskRule(name="Link", kind="link", words=["acme.example"], where="draft")


def flagged(text: str, rule: RiskRule) -> bool:
    return bool(checks.flags(text, Facts(), [rule]))


AMOUNTS = [
    "**5,000** EUR", "5,**000** EUR", "5,000 *EUR*", "5,000&nbsp;EUR", "&#53;,000 EUR", "5&#44;000 &euro;", "5\\,000 EUR",
    "5,000 (EUR)", "EUR: 5,000", "`5,000` EUR", "| Amount | Currency |\n| --- | --- |\n| 5,000 | EUR |",
    "| What | Amount (EUR) |\n| --- | --- |\n| Order 7 | 5,000 |", "5\u200b,0\u20600\ufe0f0 EUR", "٥٠٠٠ EUR",
    "５，０００　ＥＵＲ",
    "5,OOO EUR",
    "5 000 EUR", "5'000 CHF", "5´000 CHF", "₹ 1,00,000", "5000₺", "5000 zł", "5.000 kr", "SEK 5000", "5 TEUR", "TEUR 5", "5 k€",
    "THB 5000", "5000 ILS", "5000 TRY", "five thousand euros", "Five Thousand Two Hundred and Fifty Euros", "two hundred dollars",
    "EUR five hundred", "one hundred and fifty quid", "fünftausend Euro", "zweihundertfünfzig Euro", "dreihundert Franken",
    "einundzwanzigtausend Euro", "five **thousand** euros", "five thousand of our best euros",
    "5,<b></b>000 EUR", "5<!-- x -->000 EUR", "fünf\u00adtausend Euro",
    "fünfzehnhundert Pfund", "cinco mil euros", "quinientos euros", "cinq mille euros", "cinquemila euro", "vijfduizend euro",
    "femtusen kronor",
    "5 mil euros", "duzentos reais", "un millón de euros", "пять тысяч евро", "five grand", "5 grand",
    "5000元", "Rs. 5,000", "**€**5000", "5000/EUR", "5000 in EUR", "5,000 US dollars",
    "5,000 Singapore dollars", "5000 of your Euros", "500 000 Ft", "5000 руб", "5000 crowns",
]  # fmt: skip


@pytest.mark.parametrize("amount", AMOUNTS)
def test_an_amount_is_met_however_it_is_spelt(amount):
    assert flagged(f"We refund you\n\n{amount}\n\ntomorrow.", REFUND)


@pytest.mark.parametrize(
    ("text", "amount"),
    [("twenty-one euros", 21), ("neunundneunzig Euro", 99), ("zweihunderttausend Euro", 200_000), ("eight hundred euros", 800)],
)  # fmt: skip
def test_an_amount_in_words_has_its_value(text, amount):
    assert list(money.amounts(text)) == [amount]


@pytest.mark.parametrize(
    "text", ["We refund 99 EUR.", "Refund: ninety euros", "We refund 10 top tips", "refund within 5,000 hours",
    "refund 99 euro cents", "refund to EUR accounts",
    "The refund of order 4711 costs EUR 20",
    "try 500 times: refund"]
)  # fmt: skip
def test_what_is_no_large_amount_passes(text):
    assert not flagged(text, REFUND)


WORDS = [
    "law**y**er", "l*awye*r", "law&#121;er", "la\u200bwyer", "la\u00adwyer", "law\ufe0fyer", "l\u0336a\u0336wyer", "lаwyer",
    "lаwуеr", "ⅼawyer", "ｌａｗｙｅｒ", "𝓵𝓪𝔀𝔂𝓮𝓻", "lawýer", "LАWYER", "ʟᴀᴡʏᴇʀ", "1awyer", "l\u2063awyer",
    "[law](https://acme.example)yer",
    "law\U000e0061yer", "\u202ereywal\u202c", "Rechtsanwälte", "Rechtsanwa\u0308lte", "legal\u00a0action", "~~law~~yer",
    "law`y`er",
    "legal  \naction",
    "law<b></b>yer", "law<!-- x -->yer", "law<span title='a'>yer</span>", "Iawyer", "ӏawyer", "Іawyer", "ławyer", "ƚawyer",
    "🅻🅰🆆🆈🅴🆁", "🅛🅐🅦🅨🅔🅡", "🇱\u200b🇦\u200b🇼\u200b🇾\u200b🇪\u200b🇷", "ꓡꓮꓪꓬꓰꓣ", "ⓛⓐⓦⓨⓔⓡ", "ˡᵃʷʸᵉʳ", "ⱡawyer", "ꮮawyer", "ᒪawyer",
    "law\\yer", "law*yer", "law**yer",
]  # fmt: skip


@pytest.mark.parametrize("word", WORDS)
def test_a_word_is_met_however_it_is_spelt(word):
    assert flagged(f"Ask your {word} today.", LEGAL)


@pytest.mark.parametrize("text", ["We outlaw it", "lower fees", "law and order", "10 lawns", "I am a layer"])
def test_what_only_begins_like_a_word_passes(text):
    assert not flagged(text, LEGAL)


LINKS = [
    "[here](https://evil.example)", "[here][1]\n\n[1]: https://evil.example", "[1]\n\n[1]: //evil.example", "evil&#46;example",
    "<https://evil.example>", "https&#58;//evil.example", "[here](https://acme.example@evil.example)",
    "[x](https://evil%2Eexample)",
    "https://evil。example", "![logo](https://evil.example/a.png)", "ev\u200bil.example", "https://аcme.example",
    "evil\\.example",
    "[here](&#104;ttps://evil.example)", "**evil**.example", "https://acme.example.evil.example", "[x](//evil.example)",
    "| a |\n| --- |\n| [x](https://evil.example) |", "> [quoted](https://evil.example)", "evil.click", "evil.gg",
    "evil.academy/x", "evil.xn--p1ai/login",
    "ev<b></b>il.example", "https:/evil.example", "evil｡com", "https://[::1]/",
    "evil.рф",
]  # fmt: skip


@pytest.mark.parametrize("link", LINKS)
def test_a_link_is_met_however_it_is_written(link):
    assert flagged(f"See {link}", LINK)


@pytest.mark.parametrize(
    "text", ["[here](https://acme.example/a)", "[a][1]\n\n[1]: https://acme.example", "**www.acme.example**", "acme&#46;example",
    "[x](?q=1)"]
)  # fmt: skip
def test_a_known_host_passes_however_it_is_written(text):
    assert not flagged(text, LINK)


NOTHING = [
    "", " \n\t", "\u200b", "\u2060\u200d\ufeff", "\u00ad", "\u3164", "\u2800", "\u115f", "&nbsp;", "&#8203;", "**\u200b**",
    "\ufe0f",
    "[](https://evil.example)", "\U000e0020", "\u202e\u202c", "\u034f", "[1]: https://evil.example", "&zwj;",
    "\U0001d159", "\ufffc", "\ue000", "> ", "# ", "---", "- - -",
    "<!-- thanks -->", "<b></b>", "<div>In mails and in the widget, nothing of this is shown.</div>",
]  # fmt: skip


@pytest.mark.parametrize("text", NOTHING)
def test_what_a_reader_sees_nothing_of_is_empty(text):
    assert not letter.has_words(text)


@pytest.mark.parametrize(
    "text",
    [
        "a",
        ".",
        "👍",
        "你好",
        "1.",
        "- a",
        "مرحبا",
        "`x`",
        "👩\u200d💻",
        "a < b",
        "<b>a</b>",
        "<https://acme.example>",
    ],
)
def test_what_a_reader_sees_is_not(text):
    assert letter.has_words(text)


def test_unicodes_default_ignorables_are_all_taken_out():
    shown = [code for first, last in IGNORABLE for code in (first, last) if look_alike(chr(code)) != ""]

    assert shown == []
