"""同事 Kindred: for every recent complaint, the others that say much the same, whatever words the taxonomy has for it.

A burst of one matter need not share one telling word or one category: five neighbours put it in five ways. So each
recent complaint is a topic of its own, "complaints like this one" (cosine of idf-weighted content words), and the scan
asks of it what it asks of every topic: more, lately, than before? A matter that is always written about has a past
that says so. This is a scan in the space of texts with circles around cases (Kulldorff 1997, with likeness for
distance), and first-story detection the other way round (Allan et al. 1998).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from analytics.keywords import inverse_frequency

Ints = NDArray[np.int64]

ALIKE = 0.15  # cosine from which two complaints may tell of one matter [derived: docs/hotspots.md]
_PRODUCTS = (
    60_000_000  # multiplications that one comparison may cost; commoner words are left out until it fits
)
_ROWS = 4000  # recent complaints compared at a time
_CROWD = 200  # of a matter with more than so many recent complaints only every so many are centres


@dataclass(frozen=True)
class Kin:
    """Circles around recent complaints, as entries (centre, member); a centre is a member of its own circle.

    ``centre``, ``member``: positions, shape (entries,) each, centres ascending. ``usual``: how many earlier
    complaints (before the longest window) are like each complaint of the window that says anything, shape (n,): what
    circles are usually like, those that did not burst included.
    """

    centre: Ints
    member: Ints
    usual: Ints


def circles(
    words: list[NDArray[np.int32]],
    frequency: Ints,
    age: NDArray[np.float64],
    block: Ints,
    *,
    window: int,
    reach: int,
    horizon: int,
    min_size: int,
) -> Kin:
    """Circles of complaints alike.

    Parameters: ``words`` distinct word numbers of each complaint; ``frequency`` complaints holding each word, shape
    (n_words,); ``age`` days before the scan, shape (n,); ``block`` what must be equal for two to be compared (the
    finest place, 0 where none is given), shape (n,). Centres are at most ``reach`` days old and have ``min_size`` − 1
    others within ``window`` days before or after; members are at most ``horizon`` days old.
    """
    among = np.flatnonzero(age <= horizon)
    speaks = np.fromiter((len(words[i]) > 0 for i in among), bool, len(among))
    recent = np.flatnonzero((age[among] <= reach) & speaks)
    if len(recent) < min_size:
        return Kin(_none(), _none(), np.zeros(len(recent), dtype=np.int64))
    vectors = _vectors([words[i] for i in among], frequency, block[among], recent, len(words))
    ages = age[among]
    every = vectors.T.tocsr()
    centres, members = [], []
    usual = np.zeros(len(recent), dtype=np.int64)
    for first in range(0, len(recent), _ROWS):
        rows = recent[first : first + _ROWS]
        likeness = (vectors[rows] @ every).tocoo()
        near = likeness.data >= ALIKE
        row, column = likeness.coords[0][near], likeness.coords[1][near]
        apart = ages[rows[row]] - ages[column]  # > 0: the member is newer
        usual[first : first + len(rows)] = np.bincount(row[-apart > window], minlength=len(rows))
        at_a_time = np.bincount(row[np.abs(apart) <= window], minlength=len(rows))
        keep = (at_a_time >= min_size) & (np.arange(len(rows)) % (at_a_time // _CROWD + 1) == 0)
        chosen = keep[row]
        centres.append(among[rows[row[chosen]]])
        members.append(among[column[chosen]])
    return Kin(np.concatenate(centres), np.concatenate(members), usual[ages[recent] <= window])


def _none() -> Ints:
    return np.zeros(0, dtype=np.int64)


def _vectors(
    words: list[NDArray[np.int32]], frequency: Ints, block: Ints, recent: Ints, n_documents: int
) -> csr_array:
    """Unit vectors, one row a complaint, one column a word *in a block*, so that other places never meet."""
    lengths = np.fromiter(map(len, words), np.int64, len(words))
    word = np.concatenate([*words, np.zeros(0, np.int32)]).astype(np.int64)
    row = np.repeat(np.arange(len(words)), lengths)
    weight = inverse_frequency(frequency, n_documents)[word]
    norm = np.sqrt(np.bincount(row, weight**2, minlength=len(words)))
    is_recent = np.zeros(len(words), dtype=bool)
    is_recent[recent] = True
    _, column = np.unique(block[row] * len(frequency) + word, return_inverse=True)
    n_columns = int(column.max(initial=-1)) + 1
    lately = np.bincount(column[is_recent[row]], minlength=n_columns)
    ever = np.bincount(column, minlength=n_columns)
    # Words said once meet nobody; the commonest say least and cost most.
    cost = np.where(ever > 1, lately * ever, 0)
    order = np.argsort(cost, kind="stable")
    affordable = np.zeros(n_columns, dtype=bool)
    affordable[order[np.cumsum(cost[order]) <= _PRODUCTS]] = True
    kept = (affordable & (lately > 0))[column]
    value = weight[kept] / norm[row[kept]]
    return csr_array((value, (row[kept], column[kept])), shape=(len(words), max(n_columns, 1)))
