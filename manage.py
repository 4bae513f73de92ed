#!/usr/bin/env python
"""Django's command line for the support site."""

import gc
import os
import sys


def main() -> None:
    # Python looks for garbage after 700 new objects: while modules are loaded, which stay, that takes a sixth of the time.
    gc.set_threshold(50_000)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "support_site.settings")
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line

    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:  # of the environment: who set it needs the sentence, not the code
        sys.exit(f"Cannot start: {error}")


if __name__ == "__main__":
    main()
