"""Robots of Feishu and Lark groups."""
