"""Two models: compares their arrays and what they put out, and converts one."""
