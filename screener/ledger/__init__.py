"""The append-only ledger: everything that was read, asked, answered and decided."""
