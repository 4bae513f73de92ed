"""Every page by its name and group, and what surrounds it: sidebar, tabs, breadcrumbs and title."""
