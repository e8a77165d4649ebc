"""What the lessons claim, tested."""
