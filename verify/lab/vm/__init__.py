"""One real machine: what containers have not got is udev, units of devices and networks, and fstab.

It boots under qemu from a disk image and the NoCloud volume of a bundle, in a network namespace
where its clock, its admin and the world outside are.
"""
