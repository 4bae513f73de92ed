"""Amounts of money in a text, in figures or in words. Pure; every pattern takes time linear in the text.

$1,234.50, 1.234,50 €, CHF 1'234.–, EUR 50,-, 2.5k €, TEUR 5, three hundred euros, fünftausend Euro. Currencies are not
distinguished: each becomes “€” first.
"""

import re
import unicodedata
from collections.abc import Iterator
from itertools import chain

from . import number_words
from .plain import usual

# Every symbol that Unicode calls a currency's: all stand below U+20D0, but for full-width ones, which usual() makes usual.
SYMBOLS = "".join(letter for code in range(0x20D0) if unicodedata.category(letter := chr(code)) == "Sc")
# ISO 4217 in any case; those that are words of English or German count in capitals alone.
CODES_LISTED = (
    "aed afn amd ang aoa ars aud awg azn bbd bdt bgn bhd bif bmd bnd bob brl bsd btn bwp byn bzd cad cdf chf clp cny cop crc "
    "cve czk djf dkk dop dzd egp ern etb eur fjd fkp gbp ghs gip gmd gnf gtq gyd hkd hnl htg huf idr ils inr iqd irr isk jmd "
    "jod jpy kes kgs khr kmf kpw krw kwd kyd kzt lbp lkr lrd lsl lyd mdl mga mkd mmk mnt mru mur mvr mwk mxn myr mzn ngn nio "
    "nok npr nzd omr pgk php pkr pln pyg qar rsd rub rwf scr sdg sek sgd shp srd ssp stn svc syp szl thb tjs tmt tnd ttd twd "
    "tzs uah ugx usd usdt uyu uzs ves vnd vuv wst xaf xcd xof xpf yer zmw zwl"
)
CODES = frozenset(CODES_LISTED.split())
CAPITALS = frozenset("Ft ALL BAM CUP ETH BTC GEL LAK MAD MOP PAB PEN RON SAR SLE SOS TOP TRY ZAR".split())  # noqa: SIM905
NAMES_LISTED = (
    "euro euros dollar dollars pound pounds quid bucks pfund franken franc francs sfr kronen kroner kronor krone yen yuan "
    "renminbi rupee rupees rupien zloty złoty zł kč kr lire lira peso pesos ruble rubles rouble roubles rubel forint dirham "
    "dirhams rand shekel shekels reais "
    "евро рубль рубля рублей руб грн лв доллар доллара долларов złotych złote eurů korun koruny koruna crowns kron rs dólar "
    "dólares libras libra dollari sterline livres ευρώ يورو دولار 元 円 圓 圆 원"
)
NAMES = frozenset(NAMES_LISTED.split())
THOUSANDS = frozenset("grand teur keur tusd kusd tchf kchf tgbp kgbp".split())  # noqa: SIM905
NAMED = re.compile(rf"[^\W\d_]+|[{re.escape(SYMBOLS)}]")
FORGED_ZERO = re.compile(r"(?<=[\d.,])[oOоОοΟ]{1,9}(?![^\W\d_])")
SCALES = {
    "k": 1e3, "t": 1e3, "tsd": 1e3, "thousand": 1e3, "tausend": 1e3, "hundred": 1e2, "hundert": 1e2,
    "m": 1e6, "mil": 1e3, "mille": 1e3, "mila": 1e3, "million": 1e6, "millions": 1e6, "millionen": 1e6, "mio": 1e6, "mn": 1e6,
}  # fmt: skip
# A single dot or comma before exactly three digits separates thousands: money has no thousandths. India groups by two
# before the last three.
GROUPS = r"\d{1,3}(?:[.,'’‘ʼ`´′ ]\d{3}){1,4}(?!\d)|\d{1,2}(?:,\d{2}){1,4},\d{3}(?!\d)|\d{1,12}"
NUMBER = rf"(?:{GROUPS})(?:[.,]\d{{1,2}}(?!\d))?(?:[.,][-–—]{{1,2}})?"
SCALE = r"(?: ?(?:" + "|".join(sorted(SCALES, key=len, reverse=True)) + r")(?![a-zäöüß])\.?)?"
# "5,000 US dollars", "5,000 in EUR": no other word, or "order 4711 costs EUR 20" would be 4,711.
WHOSE = (
    r"(?:(?:u\.?s\.?a?\.?|american|amerikanische|canadian|kanadische|australian|australische|singapore|hong kong|new zealand"
    r"|british|swiss|schweizer|of|of your|of our|in|worth of)[ \n])?"
)
GAP = r"[ \n()\[\]:=|/-]{0,3}"
AFTER = re.compile(rf"(?<![\d.,])({NUMBER})({SCALE}){GAP}{WHOSE}(k?)€")
BEFORE = re.compile(rf"(k?)€\.?{GAP}({NUMBER})({SCALE})")
BEHIND_WORDS = re.compile(r"[ \n()\[\]-]{0,3}(?:[a-zäöüß]{2,20}[ -]){0,3}(k?)€")
BEFORE_WORDS = re.compile(rf"€\.?{GAP}$")
LOOK_BACK = 6


def amounts(text: str) -> Iterator[float]:
    """Each amount in the text: with the currency after it, before it, or spelled out."""
    words = _with_one_currency(text)
    if "€" not in words:
        return
    for found in AFTER.finditer(words):
        yield _value(found[1]) * _scale(found[2]) * (1e3 if found[3] else 1)
    for found in BEFORE.finditer(words):
        yield _value(found[2]) * _scale(found[3]) * (1e3 if found[1] else 1)
    for start, end, value in chain(number_words.found(words), number_words.found(words, number_words.ABROAD)):
        behind = BEHIND_WORDS.match(words, end)
        if behind or BEFORE_WORDS.search(words, max(start - LOOK_BACK, 0), start):
            yield value * (1e3 if behind and behind[1] else 1)


def _with_one_currency(text: str) -> str:
    known = usual(text.replace("´", "'")).replace("٬", ",").replace("٫", ".")
    return NAMED.sub(_currency, FORGED_ZERO.sub(lambda zeros: "0" * len(zeros[0]), known)).lower()


def _currency(word: re.Match[str]) -> str:
    said = word[0]
    if len(said) == 1:
        return "€" if said in SYMBOLS or said in NAMES else said
    if len(said) > 8:
        return said
    small = said.lower()
    if small in THOUSANDS:
        return "k€"
    return "€" if small in CODES or small in NAMES or said in CAPITALS else said


def _scale(said: str) -> float:
    return SCALES[said.strip(" .")] if said else 1


def _value(number: str) -> float:
    if number.isdecimal():
        return float(number)
    whole, cents = number.rstrip(".,-–—"), ""
    last = max(whole.rfind("."), whole.rfind(","))
    if last >= 0 and len(whole) - last - 1 <= 2:
        whole, cents = whole[:last], whole[last + 1 :]
    digits = re.sub(r"\D", "", whole)
    return float(f"{digits or 0}.{cents or 0}")
