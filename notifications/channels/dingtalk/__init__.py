"""Robots of DingTalk groups."""
