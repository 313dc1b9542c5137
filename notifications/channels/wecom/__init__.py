"""Robots of WeCom groups."""
