"""The lesson: a page and a notebook that show why the loop computes what the frameworks compute.

Every number in them is computed on the spot. Importing this package imports no framework, no
matplotlib and no jinja2; the command does, when it writes. README.md is the manual.
"""
