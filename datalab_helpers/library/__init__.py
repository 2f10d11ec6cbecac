"""The evidence library: every result of every request side by side, and what they say together."""
