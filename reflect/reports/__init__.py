"""Reports: their workflow, forms, revisions, annotations and scheduled release."""
