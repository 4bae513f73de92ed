"""Whether search works as it is set up, for the health page and the search bench. Loads no model."""

from ..models import SearchState
from . import embedders


def trouble() -> str:
    """Why search goes by words alone although an embedder is set up; empty if all is well."""
    return embedders.trouble() or SearchState.objects.trouble()
