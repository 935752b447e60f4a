"""Written text to the words that are said."""
