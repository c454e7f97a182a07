"""Bounds on the work and the memory that what people write may take."""
