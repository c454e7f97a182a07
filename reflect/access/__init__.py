"""Access: who sees what, the view models that only permitted parts get into, and the access log."""
