"""The lesson: a page and a notebook that show, with numbers computed on the spot, that the loop is what the frameworks compute.

Importing this package imports no framework, no matplotlib and no jinja2; the command does, when it writes.
"""
