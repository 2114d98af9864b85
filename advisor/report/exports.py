"""Tables that leave the program, safe to open in a spreadsheet."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from advisor.errors import BadInput
from advisor.types.texts import neutralise


def results_csv(frame: pd.DataFrame, path: Path) -> int:
    """Write ``frame`` as CSV in UTF-8 with a byte order mark; returns its rows.

    Texts that a spreadsheet would run as a formula get a leading apostrophe; numbers stay numbers. Raises BadInput
    when the file cannot be written.
    """
    safe = frame.copy()
    for name in frame.columns:
        if not pd.api.types.is_numeric_dtype(frame[name]):
            safe[name] = pd.Series([neutralise(cell) for cell in frame[name]], index=frame.index, dtype=object)
    safe.columns = pd.Index([neutralise(str(name)) for name in frame.columns])
    # The line end has both characters, since only then a text with a single one of them is quoted.
    part = path.with_name(path.name + ".part")
    try:
        safe.to_csv(
            part,
            index=False,
            encoding="utf-8-sig",
            errors="backslashreplace",
            lineterminator="\r\n",
            float_format=plain_number,
        )
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise BadInput(f"{path} can't be written ({error.strerror}); choose another place.") from None
    return len(frame)


def plain_number(value: Any) -> str:
    """A number without an exponent, and without the digits that only binary fractions have: 0.0000568."""
    return np.format_float_positional(float(f"{value:.12g}"), trim="-")
