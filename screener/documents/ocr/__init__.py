"""Text recognised in the pictures of pages (extra `ocr`)."""
