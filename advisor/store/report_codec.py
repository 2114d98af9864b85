"""A Report as JSON and back, for the store: what is read again equals what was decided."""

from functools import cache
from typing import TYPE_CHECKING

from advisor.errors import StoreError
from advisor.types import Json, Report

if TYPE_CHECKING:
    from pydantic import TypeAdapter


def report_to_json(report: Report) -> Json:
    """Plain dicts, lists, strings and numbers."""
    return _adapter().dump_python(report, mode="json")


def report_from_json(value: Json) -> Report:
    """The Report that :func:`report_to_json` was given. Raises StoreError when it is of another version's shape."""
    from pydantic import ValidationError

    try:
        return _adapter().validate_python(value)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(map(str, first["loc"])) or "report"
        raise StoreError(
            f"The stored decision cannot be read ({where}: {first['msg']}); run `recommend` to decide again."
        ) from None


@cache
def _adapter() -> "TypeAdapter[Report]":
    from pydantic import TypeAdapter

    return TypeAdapter(Report)
