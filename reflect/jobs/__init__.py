"""Jobs: what the house does by itself or behind a request, step by step, in a worker that may die at any time."""
