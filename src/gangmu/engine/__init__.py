"""What rules say of cases: the interpreter, what it explains, and what results look like.

`values` is the domain (an interval or a set, possibly undefined, possibly not in force), `interpreter` the
meaning of the language in few lines, `explain` its reasons, `missing` and `way` what would change an answer,
`assess` many cases at once.
"""
