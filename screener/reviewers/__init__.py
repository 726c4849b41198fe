"""Machine reviewers: embedded, chat, probability, ensemble, extractors. Generators that do no I/O."""
