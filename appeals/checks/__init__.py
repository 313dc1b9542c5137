"""The Smart Check: what an appeal's files and statement tell before it is handed in (PN-28, PN-28a, PN-29, DP-09).

`checking.check_appeal` loads and checks; the rules are pure. It advises and blocks nothing.
"""
