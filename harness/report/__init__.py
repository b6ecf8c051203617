"""Reports that other programs read, each a pure function from a Report to text: JSON, JUnit's XML, Markdown, GitHub's annotations."""
