"""What YAML's and CSV's parsers report, in our words: which sentence, and the line a person has to look at. Pure."""

from yaml import YAMLError

from . import texts

# A part of the parser's sentence → ours. The first that is found.
YAML = (
    (r"'\t' that cannot start", texts.FRONT_TAB),
    ("unexpected end of stream", texts.FRONT_QUOTE),
    ("expected ',' or", texts.FRONT_BRACKET),
    ("mapping values are not allowed", texts.FRONT_COLON),
    ("expected <block end>", texts.FRONT_INDENT),
    ("expected '<document start>'", texts.FRONT_INDENT),
    ("could not find expected ':'", texts.FRONT_NO_COLON),
    ("that cannot start any token", texts.FRONT_SIGN),
    ("undefined alias", texts.FRONT_SIGN),
    ("while scanning an a", texts.FRONT_SIGN),  # an anchor, an alias
)
CSV = (
    ("unexpected end of data", texts.CSV_QUOTE),
    ("expected after", texts.CSV_AFTER_QUOTE),
    ("larger than field limit", texts.CSV_CELL),
)
BEGINS_EARLIER = (texts.FRONT_QUOTE, texts.FRONT_BRACKET, texts.FRONT_NO_COLON)


def of_yaml(error: YAMLError | RecursionError) -> tuple[str, int]:
    """(what is wrong, line from 0). What is not closed is said where it was opened."""
    problem = str(getattr(error, "problem", None) or "it cannot be read")
    said = f"{getattr(error, 'context', None) or ''} {problem}"
    sentence = next((ours for part, ours in YAML if part in said), texts.WRONG_FRONT_MATTER)
    names = ("context_mark", "problem_mark") if sentence in BEGINS_EARLIER else ("problem_mark",)
    mark = next((mark for name in names if (mark := getattr(error, name, None))), None)
    return sentence % {"error": problem}, mark.line if mark else 0


def of_csv(error: Exception) -> str:
    sentence = next((ours for part, ours in CSV if part in str(error)), texts.NOT_CSV)
    return sentence % {"error": error}
