"""Formulas: LaTeX to MathML, SVG and speech."""
