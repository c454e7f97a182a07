"""The web server and the worker."""
