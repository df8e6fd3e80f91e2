"""``python -m bench``: tells what can be measured, or runs what is named."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path

HERE = Path(__file__).parent


def main() -> None:
    """Run the benches named on the command line; all of them when none is."""
    known = sorted(path.stem for path in HERE.glob("*.py") if not path.stem.startswith("_"))
    wanted = sys.argv[1:] or known
    unknown = set(wanted) - set(known)
    if unknown:
        sys.exit(f"没有这些测量：{'、'.join(sorted(unknown))}；有：{'、'.join(known)}")
    for name in wanted:
        print(f"\n=== python -m bench.{name}", flush=True)
        sys.argv = [f"bench/{name}.py"]
        runpy.run_module(f"bench.{name}", run_name="__main__")


if __name__ == "__main__":
    main()
