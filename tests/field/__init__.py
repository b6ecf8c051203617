"""What people bring: students' files and situations from public reports, with the right answers."""
