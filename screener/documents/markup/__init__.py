"""Documents by their mark-up: JATS, web pages, Markdown, Docling."""
