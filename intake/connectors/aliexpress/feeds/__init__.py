"""What is pulled, feed by feed. Each function asks for a part of what is due and returns whether there is more."""
