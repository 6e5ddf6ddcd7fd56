"""What changes: the days on which an answer changes by itself, and why two runs answer differently.

`clocked` finds what in a book moves with the day, `turning` the days on which it does for a case, `due` what
the answers are then, `roots` what a change goes back to, and `attribute` parts law, evidence and time.
"""
