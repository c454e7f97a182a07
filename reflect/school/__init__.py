"""The school: people, what they are tied to, and how they sign in."""
