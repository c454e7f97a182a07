"""A believable school to try Reflect with."""
