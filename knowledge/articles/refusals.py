"""Why a verb on a change is refused."""

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

MOVED = _(
    "The newest version of this article is %(n)s, and this was written from another one. Check it, then edit the change."
)
NO_VERSION = _("This article was never published, so it has no versions. Check it, then edit the change.")
TAKEN = _("There is already an article %(slug)s. Choose another slug, or edit that one.")
NOT_LIVE = _("This article is not live.")
SAME = _("Nothing is different from the live version.")
SENTENCES = (MOVED, NO_VERSION, TAKEN, NOT_LIVE, SAME)


class Refused(Exception):
    """code: version_changed, already_decided, second_person_required, reason_required, unchanged, slug_taken, forbidden,
    not_approved, unwritten, merge_invalid, being_measured, pinned_probe_lost.
    """

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code, self.detail = code, detail


def moved(version: int) -> Refused:
    """version: the article's newest one; 0: it has none."""
    return Refused("version_changed", gettext(MOVED) % {"n": version} if version else gettext(NO_VERSION))
