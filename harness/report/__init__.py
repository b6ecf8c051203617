"""Reports that other programs read: JSON, JUnit's XML, Markdown, GitHub's annotations.

Each is a pure function from a Report to text, but those of `comparison`, from a Comparison.
"""
