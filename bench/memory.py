"""The allocator of the C library, set for a process that computes on tensors."""

from __future__ import annotations

import ctypes

# mallopt(3), malloc.h.
TRIM_THRESHOLD, MMAP_THRESHOLD = -1, -3
# Glibc before 2.35 refuses more than 32 MiB as the size from which memory is mapped.
SIZES = (2**30, 2**25)


def keep_freed_memory() -> bool:
    """Makes glibc keep freed memory for the next tensor; tells if it does.

    By default it returns blocks of a few megabytes to the system as they are freed and maps them
    anew, page fault by page fault, every time that a layer's activations are allocated. Where the
    C library is another, nothing happens.
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):
        return False
    mallopt(TRIM_THRESHOLD, SIZES[0])
    return any(mallopt(MMAP_THRESHOLD, size) for size in SIZES)
