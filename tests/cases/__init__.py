"""Inputs that were handled wrongly once, each standing for a kind; beside them what is right."""
