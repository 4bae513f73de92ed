"""Texts of packages that bring no translation of their own, so that our catalogs can hold one. Nothing imports this.

Found by tests/support_site/test_translations.py: a text that a page shows and no catalog has.
"""

from django.utils.translation import gettext_noop as _

# The theme, django-unfold, has no catalogs.
THEME = (
    _("All applications"),
    _("Apply Filters"),
    _("Cancel"),
    _("Choose file to upload"),
    _("Click to cancel"),
    _("Click to download"),
    _("Dark"),
    _("Date"),
    _("Date from"),
    _("Date to"),
    _("Expand row"),
    _("False"),
    _("From"),
    _("General"),
    _("Go back"),
    _("Image preview"),
    _("Light"),
    _("Loading more results..."),
    _("More actions"),
    _("Next"),
    _("No data"),
    _("No recent searches"),
    _("No results found"),
    _("No results matching your query"),
    _("Not enough data."),
    _("Previous"),
    _(
        "Raw passwords are not stored, so there is no way to see this user’s password, but you can change the password using "
        '<a href="{}" class="text-primary-600 dark:text-primary-500">this form</a>.'
    ),
    _("Recent searches"),
    _("Record picture"),
    _("Reset filters"),
    _("Return to site"),
    _("Run"),
    _("Search apps and models..."),
    _("Select action"),
    _("Select action to run"),
    _("Select all rows"),
    _("Select record"),
    _("Select value"),
    _("System"),
    _("This item will be deleted."),
    _("This page yielded into no results. Create a new item or reset your filters."),
    _("To"),
    _("Toggle password visibility"),
    _("True"),
    _("Type to search"),
    _("Value"),
)
# django-simple-history has none in Spanish, and not all in the others.
HISTORY = (
    _("Change History"),
    _("Change reason"),
    _("Changed"),
    _("Changed by"),
    _("Changes"),
    _("Choose a date from the list below to revert to a previous version of this object"),
    _("Choose a date from the list below to revert to a previous version of this object."),
    _("Comment"),
    _("Deleted"),
    _("Deleted %(type_name)s"),
    _("Object"),
    _("Press the 'Change History' button below to edit the history."),
    _("Press the 'Revert' button below to revert to this version of the object."),
    _("Revert"),
    _("Revert %(verbose_name)s"),
    _("Revert %s"),
    _('The %(name)s "%(obj)s" was changed successfully.'),
    _("This object doesn't have a change history."),
    _("View %(verbose_name)s"),
    _("View history: %s"),
    _("You may edit it again below"),
)
