"""What a decision says and an import finds, as codes: values beside them are in Message, words in advisor.text."""

from enum import StrEnum, auto


class Cause(StrEnum):
    """What a verdict came from; published as ``reason_code``."""

    NO_EVIDENCE = auto()
    """Nothing has compared its answers."""
    NOTHING_SCORED = auto()
    """Its calls failed, or no answer could be scored."""
    GATE = auto()
    """A gate fails beyond doubt."""
    TOO_FEW = auto()
    """Too few samples for any decision."""
    WORSE = auto()
    """The whole interval lies below the accepted drop."""
    PROBABLY_WORSE = auto()
    """Worse than the accepted drop so far, but not for certain."""
    NOT_SURE = auto()
    """The interval reaches below the accepted drop."""
    DIFFERS = auto()
    """More answers than the margin allows are not the baseline's, and nothing tells which are better."""
    OPEN_GATE = auto()
    """A gate fails, but not beyond doubt."""
    NOT_TIMED = auto()
    """A limit on waiting is set, and nothing was timed."""
    JUDGE_NOT_PROVEN = auto()
    """Nothing shows that the judge would have seen a difference."""
    JUDGE_CONTRADICTED = auto()
    """Human reviews contradict the judge."""
    VOTES_MISSING = auto()
    """Too many pairs have no vote of the judge or of people."""
    REFUSALS_NOT_READ = auto()
    """The judge that decides read no answer for refusals."""
    NO_ROOM = auto()
    """The accepted drop is so large, or the baseline so often wrong, that a pass says nothing."""
    CLASS_NEVER_RIGHT = auto()
    """A kind of right answer, or a field, that it never gets right and the baseline does."""
    FALLS_LATELY = auto()
    """Quality drops in the last fifth of the log."""
    GOOD = auto()


class Obstacle(StrEnum):
    """What stands between a candidate and a ``switch``."""

    NOISE_DIFFERS = auto()
    """Asked twice, the baseline differs from itself."""
    NO_EVIDENCE = auto()
    NOTHING_SCORED = auto()
    """Its calls failed, or no answer could be scored."""
    TOO_FEW = auto()
    """Too few samples for any decision."""
    DIFFERS = auto()
    """Too many answers differ from the baseline's, and nothing tells which are better."""
    WORSE = auto()
    """Worse for certain."""
    PROBABLY_WORSE = auto()
    """Worse so far."""
    NOT_AFTER_CORRECTION = auto()
    """It would pass as the only test."""
    NOT_SURE = auto()
    """The interval reaches below the accepted drop."""
    GATE = auto()
    """A guardrail fails for certain."""
    OPEN_GATE = auto()
    """A guardrail fails, perhaps by chance."""
    SET_UP = auto()
    """Calls fail by how they are asked."""
    REFUSALS_DOUBTFUL = auto()
    """A refusal guardrail fails on too few answers read."""
    NOT_TIMED = auto()
    """A latency limit is set, and nothing was timed."""
    DOUBTFUL_MEASURE = auto()
    """The judge or the reference answers can't tell good answers from bad."""
    CAVEAT = auto()
    """What the mean hides holds the move."""
    VOTES_MISSING = auto()
    """Too many pairs have no vote."""
    REFUSALS_NOT_READ = auto()
    """No judge has checked the answers for refusals."""
    COSTS_MORE = auto()


class Method(StrEnum):
    """How range and p were found (METHOD 2), as ``--json`` names it."""

    TANGO = "Tango"
    MEAN = "mean and t"
    PPI = "PPI++"
    SEQUENTIAL = "e-process"


class TooFew(StrEnum):
    """Why a sample carries no decision yet, however the numbers look."""

    SCORED = auto()
    FRACTIONAL = auto()
    """Scores in between right and wrong need more answers."""
    DRIFTS = auto()
    """Later answers differ so much from earlier ones that no one difference fits them all."""
    CONVERSATIONS = auto()
    GROUPS = auto()
    """Too many share a template, a passage or a conversation."""


class Grouping(StrEnum):
    """What pairs share that go together."""

    CONVERSATIONS = auto()
    PROMPTS = auto()
    """A template or a passage."""
    BOTH = auto()


class NoteCode(StrEnum):
    """What a reader should know beside a verdict."""

    ILLUSTRATIVE = auto()
    JUDGE_NOT_REVIEWED = auto()
    JUDGE_NOT_CONFIRMED = auto()
    LATER_TURNS = auto()
    BILLED = auto()
    """Today's bill is of other models than the answers are compared with."""
    CORRECTED = auto()
    NOT_CORRECTED = auto()
    GROUPED = auto()
    P95_NOT_SURE = auto()
    NOT_TIMED = auto()
    NO_COST = auto()
    PROMPT_TOO_LONG = auto()
    UNSUPPORTED = auto()
    LACKS = auto()
    REPEATED_REQUEST = auto()
    FEW_DISTINCT = auto()


class DetailCode(StrEnum):
    """What a gate was seen on."""

    COUNTED = auto()
    NOTHING_TO_CHECK = auto()
    NO_CHECKS = auto()
    NOT_LOOKED_FOR = auto()
    REFUSED = auto()
    ANSWERED = auto()
    REFUSED_BY_RULE = auto()
    NOT_READ = auto()
    FAILED = auto()
    NOTHING_ASKED = auto()
    CONSTANT = auto()
    NO_CLAIMS = auto()
    CLAIMS = auto()
    FLIPS = auto()
    FLIPS_ALONE = auto()
    """The baseline's own rate isn't known."""
    NOT_MEASURED = auto()
    TIMED = auto()


class ExclusionCode(StrEnum):
    """Why a pair doesn't count."""

    NOT_ASKED = auto()
    CANDIDATE_FAILED = auto()
    BASELINE_FAILED = auto()
    CANDIDATE_NOT_SCORED = auto()
    BASELINE_NOT_SCORED = auto()
    NOT_JUDGED = auto()
    """Both answers are there, and neither a judge nor a person has compared them."""
    EQUAL = auto()
    """Equal answers, beyond the share of the others that is compared."""


class JudgeState(StrEnum):
    """Whether a judge's votes count, and why not."""

    PASSED = auto()
    NOT_EXAMINED = auto()
    PARTLY_EXAMINED = auto()
    FAILED = auto()
    """Its exam."""
    UNREADABLE = auto()
    """Too many of its replies can't be read."""
    BIASED = auto()
    """It passed, but its votes turn with the order of the answers."""
    CONTRADICTED = auto()
    """By human reviews."""


class ExamResult(StrEnum):
    """How a judge's exam went."""

    UNREADABLE = auto()
    """Too many of its votes can't be read."""
    NOT_TAKEN = auto()
    PARTLY_TAKEN = auto()
    BLIND = auto()
    """It never noticed one kind of control pair."""
    NEAR_CHANCE = auto()
    BLIND_TO_CONTENT = auto()
    """It finds flaws of form alone."""
    PASSED = auto()

    @property
    def state(self) -> JudgeState:
        """What it makes of the judge."""
        if self in (ExamResult.NOT_TAKEN, ExamResult.PARTLY_TAKEN):
            return JudgeState.NOT_EXAMINED if self is ExamResult.NOT_TAKEN else JudgeState.PARTLY_EXAMINED
        if self in (ExamResult.UNREADABLE, ExamResult.PASSED):
            return JudgeState(self.value)
        return JudgeState.FAILED


class Clock(StrEnum):
    """How a client takes latencies, on the monotonic clock of the machine that asks."""

    SOCKET = auto()
    """From the request's last byte sent to the first token and the last byte received."""
    LITELLM = auto()
    """Around litellm's call, so that its own time is in it."""
    LITELLM_PROCESS = auto()
    """The same, in a process of its own."""
    NONE = auto()
    """Nothing is generated."""
    OTHER = auto()
    """As an earlier version worded it, instead of names."""


class CallNote(StrEnum):
    """What a rule found in a call of a log (advisor/ingest/records/rules.py)."""

    ANSWER_CUT = "answer_cut"
    """The recorded answer also ended the prompt and was removed there."""
    NULL_ANSWER = "null_answer"
    """A word such as None stood in place of an answer."""
    PROVIDER_PROMPT = "provider_prompt"
    """The system prompt was the name of a provider or of the model."""
    EARLIER_ANSWER = "earlier_answer"
    """A call within a conversation that was logged as one record."""
    TOOLS_MISSING = "tools_missing"
    """It calls tools, or gives their results, and says nowhere what tools there are."""
    NO_INPUT_TOKENS = "no_input_tokens"
    """Only the answer's tokens are told: the input is counted as 0."""
    HALF_OF_TOKENS = "half_of_tokens"
    """Only the tokens of the prompt or of the answer are told, which give no cost."""
    NOTHING_TO_ANSWER = "nothing_to_answer"
    """Its last message is neither a user's nor the result of a tool call."""
    NEWEST_FIRST = "newest_first"
    ANSWERS_FIRST = "answers_first"
    """Its table of turns begins with answers and ends with questions: read upwards, or as it stands."""


class Fact(StrEnum):
    """What a call of a log may have; published as keys of ``share``."""

    PROMPT = "prompt"
    ANSWER = "answer"
    MODEL = "model"
    TOKENS = "tokens"
    TIME = "time"
    LATENCY = "latency"
    COST = "cost"
    TOOLS = "tools"
    SESSION = "session"
    REFERENCE = "reference_answer"


class FindingCode(StrEnum):
    """What is zero or unusual in an import, next to the notes of its calls."""

    NONE = "none"
    FEW = "few"
    """Many calls lack this fact."""
    UNANSWERED = "unanswered"
    """Some calls have no answer and didn't fail."""
    ALSO_NONE = "also_none"
    """Further facts that no call has, and that many logs don't have."""
    DURATIONS_UNKNOWN = "durations_unknown"
    """Durations that are no call's in any unit that was tried."""
    LATENCY_ODD = "latency_odd"
    """Half of the calls are faster or slower than calls are."""
    DATE_ORDER = "date_order"
    """Dates such as 03/05/2026 that don't show which number is the month."""
    TIME_ZONE = "time_zone"
    MIDNIGHT = "midnight"
    ONE_CONVERSATION = "one_conversation"
    GROWING = "growing"
    STAFF_ANSWERS = "staff_answers"
    LEFT_OUT = "left_out"
    """Rows of a table of turns that are no part of any call: events, notes of the staff."""
