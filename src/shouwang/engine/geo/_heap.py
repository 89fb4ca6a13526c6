"""A binary heap of numbered keys in two arrays, for searches that need one vertex after another in order of time."""

from __future__ import annotations

from shouwang.engine.compiled import compiled
from shouwang.engine.terms import AnyArray, FloatArray


@compiled
def push(key: FloatArray, item: AnyArray, size: int, new_key: float, new_item: int) -> int:
    """Add to a binary heap of `size`; the new size is returned."""
    place = size
    while place > 0:
        parent = (place - 1) >> 1
        if key[parent] <= new_key:
            break
        key[place], item[place] = key[parent], item[parent]
        place = parent
    key[place], item[place] = new_key, new_item
    return size + 1


@compiled
def pop(key: FloatArray, item: AnyArray, size: int) -> int:
    """Remove the top of a binary heap of `size` (read it before); the new size is returned."""
    size -= 1
    last_key, last_item = key[size], item[size]
    place = 0
    while True:
        child = 2 * place + 1
        if child >= size:
            break
        if child + 1 < size and key[child + 1] < key[child]:
            child += 1
        if key[child] >= last_key:
            break
        key[place], item[place] = key[child], item[child]
        place = child
    key[place], item[place] = last_key, last_item
    return size
