"""Worker processes: their start, their limits, their end."""
