"""The kinds of risk rules and the fields that each one reads: one table. Constants alone."""

from dataclasses import dataclass

DRAFT, CUSTOMER, BOTH = "draft", "customer", "both"


@dataclass(frozen=True)
class Kind:
    """needs: fields without which such a rule finds nothing. risk/checks.py has the function that looks."""

    label: str
    needs: tuple[str, ...] = ()
    words_are: str = ""
    number_is: str = ""


KINDS: dict[str, Kind] = {
    "refund": Kind("Money over an amount", ("number",), "Only where one of these words stands too", "Amount"),
    "words": Kind("Words", ("words",), "Words and phrases"),
    "confidence": Kind("Confidence below a share", ("number",), number_is="Share"),
    "label": Kind("Labels of the conversation", ("words",), "Labels"),
    "link": Kind("Links to hosts that are not listed", words_are="Known hosts"),
    "template": Kind("{{ or {%, as templates have"),
    "personal": Kind("Addresses and numbers that the conversation does not have", words_are="Allowed"),
    "injection": Kind("“Ignore all instructions” and the like", words_are="Further phrases"),
}  # fmt: skip
