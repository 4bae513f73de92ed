"""The processes that drain due deliveries, and what monitors them."""
