"""The admin's own pages: the site, its index with the first steps, the page of all settings."""
