"""The pages of guardians, and of whoever opens a shared link."""
