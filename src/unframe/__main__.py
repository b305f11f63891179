"""Makes ``python -m unframe`` the same as the ``unframe`` command."""

from __future__ import annotations

from unframe.cli import main

if __name__ == "__main__":
    main()
