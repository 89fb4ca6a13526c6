"""The Merkle tree against RFC 9162 written down naively, and leaves against the plain form."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from shouwang.desk.log.merkle import EMPTY, Tree, canonical, leaf_hash, node_hash
from shouwang.desk.log.writing import leaf_of, time_text


def naive_root(leaves: list[bytes]) -> bytes:
    """MTH of RFC 9162, 2.1.1, over leaf hashes: split at the largest power of two below n."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return hashlib.sha256(b"\1" + naive_root(leaves[:k]) + naive_root(leaves[k:])).digest()


def inclusion_path(m: int, leaves: list[bytes]) -> list[bytes]:
    """PATH(m, D_n) of RFC 9162, 2.1.3.1."""
    if len(leaves) <= 1:
        return []
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    if m < k:
        return [*inclusion_path(m, leaves[:k]), naive_root(leaves[k:])]
    return [*inclusion_path(m - k, leaves[k:]), naive_root(leaves[:k])]


def root_by_path(m: int, size: int, leaf: bytes, path: list[bytes]) -> bytes:
    """The verification of RFC 9162, 2.1.3.2."""
    fn, sn, r = m, size - 1, leaf
    for p in path:
        assert sn != 0
        if fn % 2 == 1 or fn == sn:
            r = node_hash(p, r)
            while fn % 2 == 0 and fn != 0:
                fn, sn = fn >> 1, sn >> 1
        else:
            r = node_hash(r, p)
        fn, sn = fn >> 1, sn >> 1
    assert sn == 0
    return r


@given(st.lists(st.binary(max_size=8), max_size=70))
def test_the_growing_tree_has_the_root_of_the_rfc_at_every_size(data: list[bytes]) -> None:
    leaves = [leaf_hash(d) for d in data]
    tree = Tree()
    assert tree.root() == EMPTY == naive_root([])
    for n, leaf in enumerate(leaves, 1):
        tree.append(leaf)
        assert tree.root() == naive_root(leaves[:n])
        assert Tree.load(tree.size, tree.dump()).root() == tree.root()


@given(st.lists(st.binary(max_size=8), min_size=1, max_size=70), st.data())
def test_every_leaf_is_proven_included_by_its_path(data: list[bytes], pick: st.DataObject) -> None:
    leaves = [leaf_hash(d) for d in data]
    m = pick.draw(st.integers(0, len(leaves) - 1))
    tree = Tree()
    for leaf in leaves:
        tree.append(leaf)
    path = inclusion_path(m, leaves)
    assert root_by_path(m, len(leaves), leaves[m], path) == tree.root()
    assert root_by_path(m, len(leaves), leaf_hash(b"another"), path) != tree.root()


def test_known_roots_of_the_certificate_transparency_vectors() -> None:
    """The test vectors used by implementations of RFC 6962 and 9162 (certificate-transparency, merkletree tests)."""
    inputs = [
        bytes.fromhex(h)
        for h in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
    ]
    tree = Tree()
    for data in inputs:
        tree.append(leaf_hash(data))
    assert tree.root().hex() == "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"


@given(
    actor=st.text(max_size=30),
    kind=st.text(max_size=20),
    subject=st.text(max_size=30),
    area=st.text(max_size=30),
    seq=st.integers(1, 2**62),
    ident=st.uuids(),
    at=st.datetimes(min_value=datetime(2000, 1, 1)),
)
def test_a_leaf_is_that_of_the_canonical_fields(
    actor: str, kind: str, subject: str, area: str, seq: int, ident: UUID, at: datetime
) -> None:
    def encodable(text: str) -> str:
        return text.encode("utf-8", "ignore").decode()

    fields = {
        "actor": encodable(actor),
        "area": encodable(area),
        "at": time_text(at.replace(tzinfo=UTC)),
        "id": str(ident),
        "kind": encodable(kind),
        "may": "call.view",
        "seq": seq,
        "subject": encodable(subject),
        "subject_kind": "call",
    }
    assert leaf_of(payload_digest="ab" * 32, **fields) == leaf_hash(canonical({**fields, "payload": "ab" * 32}))
