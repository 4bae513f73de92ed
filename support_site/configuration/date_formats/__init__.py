"""How dates and times are written where Django writes them: 2 Nov 2026, 14:05."""
