"""Printing: booklets, one-pagers and exports as PDF or HTML, made from what access hands out."""
