"""Pages and endpoints for more than one kind of reader."""
