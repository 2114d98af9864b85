"""Tables of many rows as pandas frames, past the values that SQLAlchemy makes, which take longer than the rest."""

from typing import TYPE_CHECKING, Any

from sqlalchemy import Boolean, Select
from sqlalchemy.orm import Session

from advisor.store.columns import UtcDateTime

if TYPE_CHECKING:
    import pandas as pd


def read_frame(session: Session, query: Select[Any]) -> "pd.DataFrame":
    """The rows of a query. Times are aware, in UTC; all else is as the database keeps it: enums are their words."""
    import pandas as pd

    columns = list(query.selected_columns)
    cursor: Any = session.connection().execute(query).cursor
    names = [column.name for column in columns]
    frame = pd.DataFrame.from_records(cursor.fetchall(), columns=names, coerce_float=True)
    for column in columns:
        if isinstance(column.type, UtcDateTime):
            frame[column.name] = pd.to_datetime(frame[column.name], utc=True).astype("datetime64[us, UTC]")
        elif isinstance(column.type, Boolean) and frame[column.name].notna().all():
            frame[column.name] = frame[column.name].astype(bool)
    return frame
