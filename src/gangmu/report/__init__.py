"""Answers made readable: sentences, terminal, page, workbook, tables. It reads results and changes nothing.

`sentences` turns a tree of reasons into lines of text; `terminal`, `page` and `explanation` only lay those
out, so that a person reads the same words everywhere. `result` and `excel` hand the answers on as data.
"""
