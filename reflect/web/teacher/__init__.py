"""The pages of a teacher."""
