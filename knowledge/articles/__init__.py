"""Articles that replies are drafted from, and the search over them."""
