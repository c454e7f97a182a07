"""Imported once by the server of forks: loads the engine, its letters and its style, so that a print begins at once."""

from reflect.paper import engine

engine.run(["<html lang='nl'><title>.</title><body><h1>.</h1>"], seconds=0)
