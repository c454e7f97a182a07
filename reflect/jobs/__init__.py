"""Work in the background, in steps, by a worker that may be killed at any moment."""
