"""扫描范围 Zones: the places a space-time scan asks about: every node of the area tree, circles of neighbours.

A *cell* is the finest place a case can be filed under: any node of the tree, so that a case of which only the street
is known stays with the street. A *zone* is a set of cells: a node with all below it, or a centre with its nearest
neighbours (Kulldorff 1997).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

_EARTH_KM = 6371.0
_SAME_KM = 1e-6  # cells nearer to each other than this are equally far from a centre


@dataclass(frozen=True)
class ZoneSet:
    """``cells``: codes of the cells; ``names``: what each zone is called; ``holds``: (n_zones, n_cells), 1 = inside."""

    cells: tuple[str, ...]
    names: tuple[str, ...]
    holds: sparse.csr_matrix

    def __len__(self) -> int:
        return len(self.names)

    def inside(self, zone: int) -> NDArray[np.int64]:
        """Positions of a zone's cells, ascending."""
        return np.sort(self.holds.indices[self.holds.indptr[zone] : self.holds.indptr[zone + 1]]).astype(
            np.int64
        )

    def positions(self, codes: Sequence[str]) -> NDArray[np.int64]:
        """Positions of cells by their codes, shape (n,). ValueError names the first code that is no cell."""
        at = {code: i for i, code in enumerate(self.cells)}
        unknown = next(((row, code) for row, code in enumerate(codes) if code not in at), None)
        if unknown:
            raise ValueError(
                f"第 {unknown[0] + 1} 件的地点“{unknown[1]}”不在区域表里：请把它加进区域表，或改正这一件"
            )
        return np.array([at[code] for code in codes], dtype=np.int64)


def area_zones(parents: Mapping[str, str | None], names: Mapping[str, str] | None = None) -> ZoneSet:
    """A zone for every node of the area tree. ``parents``: code → code of the node above, None or "" at the top.

    ``names``: code → what people call it (default the code). ValueError, in Chinese, when the tree is empty, a node
    above is missing, or nodes stand above each other in a ring.
    """
    if not parents:
        raise ValueError("区域表是空的：请先载入区域，再扫描")
    cells = tuple(parents)
    at = {code: i for i, code in enumerate(cells)}
    rows, columns = [], []
    for code in cells:
        node: str | None = code
        line: list[str] = []
        while node:
            if node in line:
                ring = "、".join(sorted(line[line.index(node) :]))
                raise ValueError(f"区域 {ring} 互为上级，成了一个圈：请改正其中一个的上级")
            if node not in at:
                raise ValueError(
                    f"区域“{line[-1]}”的上级“{node}”不在区域表里：请补上“{node}”，或改正“{line[-1]}”的上级"
                )
            line.append(node)
            node = parents[node]
        rows += [at[above] for above in line]
        columns += [at[code]] * len(line)
    return ZoneSet(
        cells, tuple((names or {}).get(code, code) for code in cells), _matrix(rows, columns, cells)
    )


def path_zones(paths: Sequence[str]) -> tuple[ZoneSet, list[str]]:
    """Zones of area paths such as ``青羊区/府南街道/同德社区``, and each path's cell code (its tidied path), (n,).

    Every beginning of a path is a node, under one node "全部" above all; an empty path stays with that.
    """
    parents: dict[str, str | None] = {"": None}
    codes = ["/".join(part.strip() for part in path.split("/") if part.strip()) for path in paths]
    for code in codes:
        node = code
        while node and node not in parents:
            parents[node] = node.rpartition("/")[0]
            node = node.rpartition("/")[0]
    inside = {
        f"全部/{code}".rstrip("/"): f"全部/{above}".rstrip("/") if code else None
        for code, above in parents.items()
    }
    zones = area_zones(inside, {code: code.rpartition("/")[2] for code in inside})
    return zones, [f"全部/{code}".rstrip("/") for code in codes]


def circle_zones(
    cells: Sequence[str],
    coordinates: Mapping[str, tuple[float, float]],
    weight: ArrayLike,
    *,
    max_share: float = 0.05,
    nearest: int | None = None,
    names: Mapping[str, str] | None = None,
) -> ZoneSet:
    """Circles around each located cell, growing by the next nearest until they would hold too much.

    ``cells``: all cells, in the order of the other zones; ``coordinates``: code → (longitude, latitude) in degrees, for
    as many as are known; ``weight``: cases (or people) per cell, shape (n_cells,); ``max_share``: greatest share of all
    weight a circle may hold (the centre alone always may); ``nearest``: most cells in a circle. Cells equally far join
    together, so the order of ``cells`` does not matter. ValueError on impossible coordinates, shares or weights.
    """
    weights = np.asarray(weight, dtype=np.float64)
    if weights.shape != (len(cells),) or not np.isfinite(weights).all() or (weights < 0).any():
        raise ValueError("每个地点要有一个不小于零的权重（件数或人口），个数与地点相同")
    if not 0.0 < max_share <= 1.0:
        raise ValueError("max_share 应大于 0、不超过 1")
    located = [i for i, code in enumerate(cells) if code in coordinates]
    degrees = np.array([coordinates[cells[i]] for i in located], dtype=np.float64).reshape(-1, 2)
    for i, (east, north) in zip(located, degrees, strict=True):
        if not (abs(east) <= 180.0 and abs(north) <= 90.0):
            raise ValueError(f"“{cells[i]}”的坐标 ({east}, {north}) 不对：应是（经度，纬度），以度为单位")
    positions = np.array(located, dtype=np.int64)
    most = max_share * float(weights.sum())
    rows: list[int] = []
    columns: list[int] = []
    titles: list[str] = []
    for centre, distance in enumerate(_distances(degrees)):
        order = np.lexsort((positions, distance))
        steps = np.flatnonzero(np.diff(distance[order], append=np.inf) > _SAME_KM) + 1
        heavy = np.cumsum(weights[positions[order]])
        centre_name = (names or {}).get(cells[located[centre]], cells[located[centre]])
        for size in steps:
            if size > 1 and (heavy[size - 1] > most or size > (nearest or size)):
                break
            rows += [len(titles)] * int(size)
            columns += positions[order[:size]].tolist()
            titles.append(f"{centre_name}及邻近 {size - 1} 处" if size > 1 else centre_name)
    return distinct(ZoneSet(tuple(cells), tuple(titles), _matrix(rows, columns, cells, len(titles))))


def distinct(*sets: ZoneSet) -> ZoneSet:
    """Several sets of zones over the same cells as one; of zones with the same cells the first stays.

    ValueError when the sets are not over the same cells in the same order.
    """
    cells = sets[0].cells
    if any(one.cells != cells for one in sets):
        raise ValueError("几组范围的地点不一致：请用同一份区域表、同样的次序生成")
    rows: list[int] = []
    columns: list[int] = []
    names: list[str] = []
    seen: set[bytes] = set()
    for one in sets:
        for zone, name in enumerate(one.names):
            inside = one.inside(zone)
            if inside.tobytes() not in seen:
                seen.add(inside.tobytes())
                rows += [len(names)] * len(inside)
                columns += inside.tolist()
                names.append(name)
    return ZoneSet(cells, tuple(names), _matrix(rows, columns, cells, len(names)))


def _matrix(
    rows: list[int], columns: list[int], cells: Sequence[str], n_zones: int | None = None
) -> sparse.csr_matrix:
    shape = (len(cells) if n_zones is None else n_zones, len(cells))
    return sparse.csr_matrix((np.ones(len(rows), dtype=np.int32), (rows, columns)), shape=shape)


def _distances(degrees: NDArray[np.float64]) -> NDArray[np.float64]:
    """Great-circle distances in km between all pairs (haversine), shape (n, n)."""
    east, north = np.radians(degrees[:, 0]), np.radians(degrees[:, 1])
    half = (
        np.sin((north[:, None] - north) / 2.0) ** 2
        + np.cos(north[:, None]) * np.cos(north) * np.sin((east[:, None] - east) / 2.0) ** 2
    )
    return 2.0 * _EARTH_KM * np.arcsin(np.sqrt(np.clip(half, 0.0, 1.0)))
