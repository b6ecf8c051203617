"""What a user names: finds it, and calls it in a process that holds no judge."""
