"""Pages to rules: read, parse, units, validity, check.

`read` finds blocks and lines, `parse` turns blocks into rules, `formula` and `expression` hold formulas,
`units` and `quantity` numbers, `check` proves names, types, units, time and citations, `load` puts a whole
book together.
"""
