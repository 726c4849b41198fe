"""Pages of a PDF: its letters, lines, reading order and blocks."""
