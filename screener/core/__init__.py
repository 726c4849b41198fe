"""Words that everything else is written in: errors, judgements, and the messages between reviewers and models."""
