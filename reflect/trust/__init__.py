"""Trust: who sees what, decided in one table, and every reading noted."""
