"""Learning signals from edits, grades and rejections, and the figures calculated from them."""
