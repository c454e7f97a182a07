"""PDF files: reading, merging with their tags, and metadata."""
