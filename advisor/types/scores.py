"""What scorers find, as codes with the names and numbers in it."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple


class ScoreCode(StrEnum):
    """What a scorer found; beside each its details."""

    NO_ANSWER = "no_answer"
    NOTHING_TO_CHECK = "nothing_to_check"

    NOT_CHECKED = "not_checked"
    """The reason."""
    SCHEMA_UNUSABLE = "schema_unusable"
    """The reason."""
    SCORER_FAILED = "scorer_failed"
    """The kind of error."""
    CHECK_SUSPENDED = "check_suspended"
    """The check, seconds, answers."""

    NOT_JSON = "not_json"
    """The reason, where the form was checked."""
    EMPTY_NOT_JSON = "empty_not_json"
    FENCED = "fenced"
    """JSON inside a code fence, where it had to stand alone."""
    NOT_AN_OBJECT = "not_an_object"
    SCHEMA_VIOLATED = "schema_violated"
    """The place and what is wrong there."""
    NOT_A_LABEL = "not_a_label"
    """How many labels there are."""

    NO_CALL = "no_call"
    """The right calls."""
    CALL_REQUIRED = "call_required"
    """The tool; none: any."""
    TOO_FEW_CALLS = "too_few_calls"
    """Number and names of the calls, and of the right ones."""
    TOO_MANY_CALLS = "too_many_calls"
    """As before."""
    NO_CALL_RIGHT = "no_call_right"
    """The calls."""
    CALL_FORBIDDEN = "call_forbidden"
    WRONG_TOOL = "wrong_tool"
    """The tool and the right one."""
    NO_SUCH_TOOL = "no_such_tool"
    """The tool."""
    ARGUMENTS_NOT_OBJECT = "arguments_not_object"
    """The tool."""
    ARGUMENTS_INVALID = "arguments_invalid"
    """The tool, and what breaks its schema."""
    ARGUMENT_MISSING = "argument_missing"
    """The tool and the argument."""
    ARGUMENT_UNKNOWN = "argument_unknown"
    """The tool and the argument."""
    ARGUMENT_DIFFERS = "argument_differs"
    """The tool and the argument."""

    FIELDS_DIFFER = "fields_differ"
    """Their paths."""
    FIELDS_WRONG = "fields_wrong"
    """Their paths."""
    FIELDS_MISSING = "fields_missing"
    """Their paths."""
    FIELDS_EXTRA = "fields_extra"
    """Their paths."""
    EMPTY = "empty"
    NO_TEXT = "no_text"
    DIFFERS = "differs"
    """The answer and the right one, shortened."""
    NOT_EXACT = "not_exact"
    """As before."""
    NUMBER_DIFFERS = "number_differs"
    """The number, the right one and, where there is one, the tolerance in percent."""
    NO_NUMBER = "no_number"
    """The answer."""
    TARGET_NO_NUMBER = "target_no_number"
    """The right answer."""
    TARGET_NO_LABEL = "target_no_label"
    """The right answer."""
    TARGET_NO_FIELDS = "target_no_fields"
    """The right answer."""
    TOO_DEEP = "too_deep"
    IN_FENCE = "in_fence"
    """The JSON was compared though it stood inside a code fence."""
    CLOSEST = "closest"
    """Of how many right answers it was compared with the closest."""

    CHECK_UNUSABLE = "check_unusable"
    """The reason."""
    CHECK_TOO_SLOW = "check_too_slow"
    """The check and seconds."""
    LACKS = "lacks"
    """What to contain, one of these at least."""
    CONTAINS = "contains"
    """What not to contain."""
    PATTERN_NOT_FOUND = "pattern_not_found"
    """The pattern."""
    TOO_MANY_WORDS = "too_many_words"
    """Words and the limit."""
    TOO_FEW_WORDS = "too_few_words"
    """As before."""
    TOO_MANY_CHARACTERS = "too_many_characters"
    """As before."""
    NO_RESULT = "no_result"
    """The expression and the reason."""
    DOES_NOT_HOLD = "does_not_hold"
    """The expression."""

    PERSONAL_DATA = "personal_data"
    """Its kinds."""
    UNSUPPORTED = "unsupported"
    """The claims, as the judge wrote them."""
    ONE_ORDER = "one_order"
    ORDERS_DISAGREE = "orders_disagree"
    """Which answer was better with the candidate first, and with it second."""
    UNREADABLE = "unreadable"
    """A judge's verdict."""

    OTHER = "other"
    """The text that an earlier version stored."""


UNCHECKED = (
    ScoreCode.NOT_CHECKED,
    ScoreCode.SCHEMA_UNUSABLE,
    ScoreCode.SCORER_FAILED,
    ScoreCode.CHECK_SUSPENDED,
)
"""Something ought to be checked and could not."""


class Finding(NamedTuple):
    """One thing that a scorer found; advisor.text puts it into words."""

    code: ScoreCode
    details: tuple[str, ...] = ()
    more: int = 0
    """Further details of the same kind that are left out."""


@dataclass(frozen=True, kw_only=True)
class Score:
    """A scorer's word on one generation or pair."""

    scorer: str
    value: float | None
    """0 to 1; None: could not be judged."""
    passed: bool | None = None
    findings: tuple[Finding, ...] = ()
    """What is wrong or could not be judged, the chief one first."""
    reason: str = ""
    """What a judge wrote."""

    @property
    def code(self) -> ScoreCode | None:
        """The chief finding; None where there is nothing to say."""
        return self.findings[0].code if self.findings else None


class FailureKindName(StrEnum):
    """What went wrong with an answer that was worse than the baseline's."""

    NO_ANSWER = "no_answer"
    CUT_OFF = "cut_off"
    REFUSED = "refused"
    MISSING_CALL = "missing_call"
    NEEDLESS_CALL = "needless_call"
    WRONG_TOOL = "wrong_tool"
    WRONG_ARGUMENT = "wrong_argument"
    INVALID_FORM = "invalid_form"
    WRONG_LABEL = "wrong_label"
    WRONG_FIELDS = "wrong_fields"
    NUMBER_DIFFERS = "number_differs"
    FAILED_CHECK = "failed_check"
    JUDGED_WORSE = "judged_worse"
    REVIEWED_WORSE = "reviewed_worse"
    OTHER_TEXT = "other_text"


MOST_UNREAD = 0.05
"""Of a judge's votes: as many pairs may lack a vote at most (METHOD 1.5)."""
FEW_REPLIES = 20
"""Of a run at work: with fewer, a share says little yet."""
HOPELESS_UNREAD, HOPELESS_SHARE = 30, 0.2
"""So many replies of a judge, and such a share, can't be read: it fails however the run goes on, and isn't asked."""


def is_readable(unread: int, replies: int) -> bool:
    """Whether a judge can pass by what of its replies can be read."""
    return unread <= MOST_UNREAD * replies


def is_hopeless(unread: int, replies: int) -> bool:
    """Whether to ask a judge nothing more."""
    return unread >= HOPELESS_UNREAD and unread > HOPELESS_SHARE * replies
