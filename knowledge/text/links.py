"""The hosts that a text links to, in every form that a mail program or browser follows. Pure, linear in the text."""

import re
from collections.abc import Iterable, Iterator

from .plain import plain

# Without a scheme, only these endings make a host: "z.B. die" is none.
ENDINGS = (
    "com|net|org|info|biz|io|app|dev|shop|store|online|site|xyz|top|cloud|ai|co|me|ly|tv|eu|de|at|ch|li|uk|ie|fr|it|es|nl|be|lu|dk"
    "|se|no|fi|pl|cz|us|ca|ru|cn|in|br|mx|au|nz|jp|kr|tr|pt|gr|hu|ro|ua|su|click|link|live|pro|page|site|web|zip|mov|club|vip|win|icu"
    "|support|help|finance|bank|pay|money|example|test|cc|to|sh|gg|gl|gd|ws|id|ir|il|ae|za|ng|ke|my|th|vn|hk|tw|sg|sk|bg|rs|hr|si|lt"
    "|lv|ee|gov|edu|cfd|sbs|buzz|bid|loan|bar|cam|fun|space|website|host|tech|email|news|blog"
    "|рф|укр|срб|бел|ελ|中国|中國|公司|网络|한국|भारत|السعودية|امارات|مصر"
)
SCHEME = re.compile(
    r"(?<![a-z0-9+.-])([a-z][a-z0-9+.-]{0,20})?:?[/\\]{2}(\[[0-9a-f:.]{2,45}\]|[^\s/\\?#<>()\[\]\"'`]{1,255})"
)
ONE_SLASH = re.compile(
    r"(?<![a-z0-9+.-])https?:[/\\]?(?![/\\])([^\s/\\?#<>()\[\]\"'`]{1,255})"
)  # browsers add the other
WWW = re.compile(r"(?<![\w@.-])(www\.[\w.-]{1,250})")
TARGET = re.compile(r"\]\([ \n]{0,9}<?([^\s)>]{1,500})")
BARE = re.compile(rf"(?<![\w@./\\-])((?:[\w-]{{1,63}}\.){{1,8}}(?:{ENDINGS}))(?![\w@-]|\.[\w-])")
# With a path behind it, any ending does.
WITH_PATH = re.compile(
    r"(?<![\w@./\\-])((?:[\w-]{1,63}\.){1,8}(?:xn--[a-z\d-]{1,59}|[^\W\d_]{2,24}))(?::\d{1,5})?/[\w?#%~]"
)
ACTING = re.compile(r"(?<![a-z])(javascript|data|vbscript|file):(?=[^\s])")


def hosts(text: str) -> Iterator[str]:
    """Each host, in lower case. One that hides behind a user name or a backslash is returned with it."""
    plain_text = plain(text)
    for found in SCHEME.finditer(plain_text):
        yield _host(found[2]) if plain_text[found.end(2) : found.end(2) + 1] != "\\" else found[2] + "\\"
    for found in TARGET.finditer(plain_text):
        target = found[1]
        if "//" not in target and not target.startswith(("/", "#", "?", "mailto:", "tel:")):
            yield _host(re.split(r"[/?#]", target, maxsplit=1)[0])
    for pattern in (
        WWW,
        BARE,
        *((WITH_PATH,) if "/" in plain_text else ()),
        *((ONE_SLASH,) if "http" in plain_text else ()),
    ):
        for found in pattern.finditer(plain_text):
            yield _host(found[1])
    for found in ACTING.finditer(plain_text):
        yield found[1] + ":"


def hosts_of_targets(targets: Iterable[str]) -> Iterator[str]:
    """The hosts of link targets, as the reader's program resolves them."""
    for target in targets:
        yield from hosts(f"[x]({target.strip().replace(' ', '')})")


def _host(text: str) -> str:
    if "@" in text:
        return text  # https://good.example@evil.example leads to the second
    return re.sub(r":\d{1,5}$", "", text).strip(".,;:!*_")


def is_listed(host: str, listed: Iterable[str]) -> bool:
    """A listed host also covers its subdomains."""
    return any(host == known or host.endswith("." + known) for known in map(as_listed, listed) if known)


def as_listed(entry: str) -> str:
    """As people paste it: https://www.acme.example/help, *.acme.example."""
    host = re.split(r"[/?#]", re.sub(r"^[a-z][a-z0-9+.-]*://", "", plain(entry).strip()), maxsplit=1)[0]
    return re.sub(r":\d+$", "", host).removeprefix("*.").removeprefix("www.").strip(".")
