"""Speed and memory, measured against what one would otherwise write: ``make bench``.

Every figure is a ratio within one run on one machine, so it means the same on a slow one. ``office`` is what the
server says, ``server`` how it says it fast, ``product``, ``bare`` and ``with_dlt`` are the contestants (each runs in a
process of its own, ``worker``), ``workloads`` sets them against each other, ``table`` prints.
"""
