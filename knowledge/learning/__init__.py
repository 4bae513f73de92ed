"""What edits, grades and rejections say: signals and the figures made of them."""
