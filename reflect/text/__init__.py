"""Text: Markdown, bidirectional text and highlighted passages."""
