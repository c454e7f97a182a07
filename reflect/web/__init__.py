"""The web layer: views by reader, and what they share; each view needs a session unless public."""
