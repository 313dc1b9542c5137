"""The weekly report of a team by e-mail: one page as PDF, and its figures as a workbook."""
