"""Run by other Pythons with nothing installed: rules and packs import, load and date the examples."""

import sys

from openredress.packs import load

if __name__ == "__main__":
    packs = [load.builtin(name) for name in sorted(load.BUILTIN)]
    print(f"Python {sys.version.split()[0]}: {len(packs)} packs loaded")
