"""Plain text: normalising, sentences, cues, quotes, embeddings."""
