"""What people are handed to read: the plan as a page, and what goes with the bundles."""
