"""Many cases at once: so far the retaliation desk, outside the handling line."""
