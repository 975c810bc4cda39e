"""The slow part: Rasa's own checks, the conversation tests and the report on understanding."""
