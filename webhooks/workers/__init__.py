"""The processes that drain due deliveries, and what watches them."""
