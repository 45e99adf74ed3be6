"""What runs on nodes with a brick or a mount: each script is joined from these modules to one file.

The standard library only, and for the oldest python3 that a platform has.
"""
