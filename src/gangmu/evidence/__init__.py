"""Tables of facts, each fact with period, document and origin.

`facts` says what a case is to an engine. `read` takes tables from folders, files, databases and memory
(`find`), matches them to a rulebook's inputs (`columns`), reads cells exactly (`cells`, `numbers`), gives
rows to their owners (`place`) and keeps what was not taken over (`quarantine`). `template` writes the empty
form.
"""
