"""Programs in several languages, which read the cases of a folder and leave outputs."""
