"""``python -m advisor``."""

import gc
import sys

GARBAGE = 50_000
"""Objects until circles are looked for: imports leave none, and looking would take a quarter of a short command."""

if __name__ == "__main__":
    gc.set_threshold(GARBAGE)
    from advisor.cli.main import main

    sys.exit(main())
