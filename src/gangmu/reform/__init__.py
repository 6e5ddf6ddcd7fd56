"""What a changed rule does to a population: baseline against reform, case by case, added up.

`numbers` gives every number of a book its path, `reforms` reads what is to be changed, `change` makes the
changed book (and refuses one whose tables break), `question` says what is asked of whom, `tally` adds up,
`compare` runs. A reform never touches the book that it changes: it is another book with another digest.
"""

from __future__ import annotations
