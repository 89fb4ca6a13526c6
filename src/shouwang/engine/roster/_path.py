"""The cheapest pattern of one person for given prices, by dynamic programming over the days.

A state is the run of days on duty (with its last duty) or off that ends today, the weekends used, and the minutes
worked in units of their greatest common divisor; of all ways into a state the cheapest is kept. How often each duty
was used is carried along the kept ways alone: such limits are always kept, but then the answer need not be the
cheapest. Without them (`heed` False) its price is a lower bound, exact if the pattern happens to keep them.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from shouwang.engine.compiled import compiled
from shouwang.engine.terms import BoolArray, FloatArray, IntArray


class Pattern(NamedTuple):
    """What one person keeps: lengths in units; `most_each` per duty; weekday of the first day."""

    length: IntArray
    clash: BoolArray
    most_each: IntArray
    least: int
    most: int
    least_row: int
    most_row: int
    least_off: int
    most_weekends: int
    weekday: int


@compiled
def cheapest(price: FloatArray, pattern: Pattern, scarce: int, heed: bool) -> tuple[float, IntArray]:
    """Price and duties per day (-1 off) of the cheapest pattern; infinity if there is none.

    price: days × duties, infinity where not allowed; scarce: the duty whose number is a part of the state, so that
    its limit is kept exactly (-1: none).
    """
    length, clash, most_each, least, most, least_row, most_row, least_off, most_weekends, weekday = pattern
    days, kinds = price.shape
    states = least_off + kinds * most_row
    longest = length.max()
    counted = most_each[scarce] + 1 if scarce >= 0 else 1
    by_w, by_m = (most + 1) * counted, counted
    by_z = (most_weekends + 1) * by_w
    size = states * by_z
    now, then = np.full(size, np.inf), np.full(size, np.inf)
    carried = kinds if heed else 0
    used, used_then = np.zeros((size, carried), np.uint8), np.zeros((size, carried), np.uint8)
    came = np.empty((days, size), np.int32)
    now[(least_off - 1) * by_z] = 0.0
    for day in range(days):
        then[:] = np.inf
        saturday, sunday = (weekday + day) % 7 == 5, (weekday + day) % 7 == 6
        enough = max(0, least - (days - day) * longest)
        for z in range(states):
            off = z < least_off
            row = 0 if off else (z - least_off) % most_row + 1
            last = -1 if off else (z - least_off) // most_row
            rest = min(z + 1, least_off - 1) if off else 0
            may_rest = off or row >= least_row or row == day
            may_work = (z == least_off - 1) if off else row < most_row
            for w in range(most_weekends + 1):
                w2 = w + 1 if saturday or (sunday and off) else w
                works = may_work and w2 <= most_weekends
                for m in range(enough, most + 1):
                    for t in range(counted):
                        at = z * by_z + w * by_w + m * by_m + t
                        value = now[at]
                        if value == np.inf:
                            continue
                        to = at + (rest - z) * by_z
                        if may_rest and value < then[to]:
                            then[to], came[day, to] = value, at
                            used_then[to] = used[at]
                        if not works:
                            continue
                        for k in range(kinds):
                            m2, t2 = m + length[k], t + 1 if k == scarce else t
                            if m2 > most or t2 >= counted or (not off and clash[last, k]):
                                continue
                            if heed and used[at, k] >= most_each[k]:
                                continue
                            to = (least_off + k * most_row + row) * by_z + w2 * by_w + m2 * by_m + t2
                            if value + price[day, k] < then[to]:
                                then[to], came[day, to] = value + price[day, k], at
                                if heed:
                                    used_then[to] = used[at]
                                    used_then[to, k] += 1
        now, then = then, now
        used, used_then = used_then, used
    best, at = np.inf, -1
    for i in range(size):
        if now[i] < best and i % by_w // by_m >= least:
            best, at = now[i], i
    plan = np.full(days, -1)
    if at >= 0:
        for day in range(days - 1, -1, -1):
            z = at // by_z
            if z >= least_off:
                plan[day] = (z - least_off) // most_row
            at = came[day, at]
    return best, plan
