"""Shares of records that were right, how sure they are, and whether a desk differs from the others beyond chance."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from shouwang.engine.effects.intervals import share_interval

SURE = 0.95


@dataclass(frozen=True)
class Share:
    """Of `records`, `wrong` were wrong. `right` and its interval (Wilson, 95 %) are None without records."""

    records: int
    wrong: int
    right: float | None = None
    low: float | None = None
    high: float | None = None


def share(records: int, wrong: int) -> Share:
    if not records:
        return Share(0, 0)
    low, high = share_interval(records - wrong, records, SURE)
    return Share(records, wrong, (records - wrong) / records, float(low), float(high))


def apart(counts: Sequence[tuple[int, int]]) -> list[str]:
    """For (records, wrong) of the desks of one step, each held against all others together: "more" or "fewer" wrong
    where chance alone would hardly make it so (Fisher's exact test, Holm's correction over the desks), "" else."""
    from scipy.stats import fisher_exact  # here: it takes a second, and every process of a centre would wait for it

    records, wrong = sum(n for n, _k in counts), sum(k for _n, k in counts)
    told = []
    for n, k in counts:
        rest_n, rest_k = records - n, wrong - k
        p = float(fisher_exact([[k, n - k], [rest_k, rest_n - rest_k]]).pvalue) if n and rest_n else 1.0
        more = n > 0 and rest_n > 0 and k / n > rest_k / rest_n
        told.append((p, "more" if more else "fewer"))
    out, order = [""] * len(told), sorted(range(len(told)), key=lambda i: told[i][0])
    for rank, i in enumerate(order):
        if told[i][0] * (len(told) - rank) > 1 - SURE:
            break  # Holm: this one and all that follow are within chance
        out[i] = told[i][1]
    return out
