"""Screen, extract and adjudicate the records of a systematic review, and check every output against gold."""

__version__ = "0.1.0"
