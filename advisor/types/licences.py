"""What licences ask of a company, and what they say to it, as codes."""

from dataclasses import dataclass
from enum import StrEnum, auto
from typing import NamedTuple


class Fact(StrEnum):
    """What a licence asks of a company or of the model."""

    THIRD_PARTIES = "third_parties"
    """Others use the model itself through the company."""
    ASSISTANT = "assistant"
    """It sells a coding or office assistant."""
    EU = "eu"
    IMAGES = "images"
    """The model reads them."""
    MONTHLY_USERS = "monthly_users"
    REVENUE_MONTH = "revenue_month"
    """Dollars of the whole group, as is the next."""
    REVENUE_YEAR = "revenue_year"


class LicenceCode(StrEnum):
    """Why a model may be used or not; ``words`` is what the licence says, ``cases`` when: facts with their limits."""

    BECAUSE = auto()
    """A condition that applies."""
    SO_FAR = auto()
    """One that applies, of a licence that nobody has read in full."""
    IF = auto()
    """One that would apply."""
    ENDS_IF = auto()
    """The cases in which the permission ends."""
    DEPENDS_ON = auto()
    """The facts that are missing."""
    UNREAD = auto()
    """A person has to read it first."""
    EVIDENCE = auto()
    """It is not certain that the model has this licence."""
    CHANGED = auto()
    """The model was seen to have another licence since the catalog was made, and nobody has read it."""
    NOT_LISTED = auto()
    """The catalog does not hold the licence."""
    NO_CONDITIONS = auto()
    """None but keeping the notices."""
    AS_ANSWERED = auto()
    """Allowed by the answers about the company."""


@dataclass(frozen=True, kw_only=True)
class Company:
    """What licences ask of a company. None: not said."""

    revenue_usd: float | None = None
    """Of the whole group, a year."""
    monthly_users: int | None = None
    """Of its products."""
    third_parties: bool | None = None
    """Whether others use the model itself through it, as they would an API."""
    assistant: bool | None = None
    """Whether it sells a coding or office assistant."""
    eu: bool | None = None
    """Whether its principal place of business is in the EU."""


UNSAID = Company()
"""Nothing was said yet."""


class Fit(StrEnum):
    """What a licence says to a company."""

    ALLOWED = "allowed"
    CONDITIONS = "conditions"
    """Allowed as long as something is done, such as showing a name."""
    NEEDS_REVIEW = "needs review"
    """Not known: a person has to read it, or an answer is missing."""
    NOT_ALLOWED = "not allowed"


class LicenceNote(NamedTuple):
    """What a plan says of the licence of a model."""

    conditions: str
    """Its name and what it asks for."""
    fit: Fit | None
    """What it says to the company; None: nothing was answered about it."""
