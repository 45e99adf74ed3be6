"""Readers of what tools and the kernel print, each shared by several kinds; all pure."""
