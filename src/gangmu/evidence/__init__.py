"""Tables of facts, each fact with period, document and origin.

`facts` says what a case is to an engine; `read` finds tables in folders, files and databases; `columns` matches them to a
rulebook's inputs; bad rows go to `quarantine`.
"""
