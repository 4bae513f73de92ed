"""Which of the app's fields hold customers' data, what erasure does with them, and how long they are kept."""
