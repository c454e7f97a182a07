"""Media: what a student attaches as evidence, made anew so that only what is seen or heard remains."""
