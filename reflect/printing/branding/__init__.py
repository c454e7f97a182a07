"""A school's own logo, colours, letterhead and closing text."""
