"""Documents that the site serves, and the ones generated from its code."""
