"""Paper: what trust handed out, laid out and printed."""
