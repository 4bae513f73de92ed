"""Why a verb on a change is refused."""

from django.utils.translation import gettext_lazy

MOVED = gettext_lazy(
    "Version %(n)s of this article is newer than the one you read. Check it, then edit the change."
)


class Refused(Exception):
    """code: version_changed, already_decided, second_person_required, reason_required, unchanged, slug_taken, forbidden,
    not_approved, unwritten, merge_invalid, being_measured, pinned_probe_lost.
    """

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code, self.detail = code, detail
