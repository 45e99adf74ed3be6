"""The mount options that a disk may have, by its file system.

Beside those of every file system (mount(8)), the ones that the kernel takes from xfs(5) and
ext4(5), asked one by one of Linux 6.18 through fsconfig(2). Left out is what a file system that
`apply` has just made cannot be mounted with: another log device, no recovery, other superblocks.
"""

from __future__ import annotations

import re

_ANY = ".+"
_GENERAL = """
async atime defaults dev diratime dirsync exec group iversion lazytime loud mand noatime nodev
nodiratime noexec noiversion nolazytime nomand norelatime nostrictatime nosuid nosymfollow nouser
owner relatime ro rw silent strictatime suid sync user users
"""
# With the values that they take, as regular expressions.
_GENERAL_VALUES = {
    "comment": _ANY,
    "context": _ANY,
    "defcontext": _ANY,
    "fscontext": _ANY,
    "rootcontext": _ANY,
}
_FLAGS = {
    "xfs": """
attr2 bsdgroups dax discard filestreams gqnoenforce gquota grpid grpquota ikeep inode32 inode64
largeio noalign noattr2 nodiscard nogrpid noikeep nolargeio noquota nouuid pqnoenforce pquota
prjquota qnoenforce quota swalloc sysvgroups uqnoenforce uquota usrquota wsync
""",
    "ext4": """
acl auto_da_alloc barrier block_validity bsddf bsdgroups dax debug delalloc dioread_lock
dioread_nolock discard grpid grpquota i_version init_itable inlinecrypt journal_checksum minixdf
noauto_da_alloc nobarrier noblock_validity nodelalloc nodiscard nogrpid noinit_itable
nojournal_checksum nombcache noquota nouid32 prjquota quota sysvgroups user_xattr usrquota
""",
}
_NUMBER = "[0-9]{1,9}"
_VALUES = {
    "xfs": {
        "allocsize": "([48]|16|32|64|128|256|512)k|(1|2|4|8|16|32|64|128|256|512)m|1g",
        "dax": "inode|always|never",
        "logbsize": "(16|32|64|128|256)k",
        "logbufs": "[2-8]",
        "sunit": _NUMBER,
        "swidth": _NUMBER,
    },
    "ext4": {
        "auto_da_alloc": "[01]",
        "barrier": "[01]",
        "commit": _NUMBER,
        "data": "journal|ordered|writeback",
        "data_err": "abort|ignore",
        "dax": "inode|always|never",
        "errors": "continue|remount-ro|panic",
        "init_itable": _NUMBER,
        "inode_readahead_blks": "0|1|2|4|8|16|32|64|128|256|512|1024",
        "journal_ioprio": "[0-7]",
        "max_batch_time": _NUMBER,
        "max_dir_size_kb": _NUMBER,
        "min_batch_time": _NUMBER,
        "resgid": _NUMBER,
        "resuid": _NUMBER,
        "stripe": _NUMBER,
    },
}


def takes(filesystem: str, option: str) -> bool:
    """Whether a disk with that file system can be mounted with an option."""
    name, equals, value = option.partition("=")
    if re.fullmatch(r"[xX]-[A-Za-z0-9._-]+", name):
        return True
    if not equals:
        return name in _GENERAL.split() or name in _FLAGS[filesystem].split()
    form = (_GENERAL_VALUES | _VALUES[filesystem]).get(name)
    return form is not None and re.fullmatch(form, value) is not None
