"""Composite indices: from a table of units to scores and ranks, and how sure they are.

A file is a stage, in the order of the OECD/JRC handbook: `population` read, `stages` (denominators, coverage,
`impute`, `treat`, `normalise`), `weigh`, `aggregate`; then `batch` (thousands of runs at once), `uncertain`,
`sensitive`, `audit`, `alter` (elements left out), `shares` (what a score is made of), `years`.
"""
