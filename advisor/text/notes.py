"""What a reader should know beside a verdict, one sentence each."""

from advisor.text.names import SHARED
from advisor.text.numbers import count, listing, percent
from advisor.types import Assessment, Grouping, Message, NoteCode

_GROUPS = {
    Grouping.CONVERSATIONS: "conversations",
    Grouping.PROMPTS: "templates or passages",
    Grouping.BOTH: "conversations, templates or passages",
}


def notes(a: Assessment) -> list[str]:
    """All notes on a candidate."""
    return [_words(message) for message in a.notes]


def _words(message: Message) -> str:
    v = message.values
    match NoteCode(message.code):
        case NoteCode.ILLUSTRATIVE:
            return "Its answers are pre-recorded for the sample study, not generated."
        case NoteCode.JUDGE_NOT_REVIEWED:
            return f"People haven't checked the judge yet ({v['reviews']} of {v['least']} reviews)."
        case NoteCode.LATER_TURNS:
            return "Each turn is replayed with its logged history: results hold per turn, not for whole conversations."
        case NoteCode.BILLED:
            billed = f"today's bill is for {listing(v['models'])}, as in the log"
            return f"Its answers are compared with a live {v['baseline']}; {billed}."
        case NoteCode.CORRECTED:
            return f"The judge's votes are corrected by {v['reviews']} human reviews."
        case NoteCode.NOT_CORRECTED:
            return f"{v['reviews']} human reviews don't correct the judge's votes, since the run may stop early."
        case NoteCode.GROUPED:
            return _grouped(Grouping(v["of"]), v["number"], v["n"], v["effective"])
        case NoteCode.P95_NOT_SURE:
            return f"Only {count(v['n'], 'timed answer')}: a reliable p95 needs 59."
        case NoteCode.NOT_TIMED:
            return "Its latency wasn't measured."
        case NoteCode.NO_COST:
            return "Its cost is unknown: it has no price, or no answer reported tokens."
        case NoteCode.PROMPT_TOO_LONG:
            return "Some prompts don't fit its context window."
        case NoteCode.UNSUPPORTED:
            return "Some prompts contain images or need tools, which it doesn't support."
        case NoteCode.LACKS:
            return f"It can't {' or '.join(v['what'])}."
        case NoteCode.REPEATED_REQUEST:
            own = f"win rate {percent(v['score'])}"
            if v["baseline_score"] is not None:
                own = f"score {percent(v['score'])}, {v['baseline']} {percent(v['baseline_score'])}"
            share = f"{percent(v['draws'] / v['of'])} of samples ({v['draws']:,})"
            return f"{share} are the same request, \u201c{v['prompt']}\u201d: {own}."
        case NoteCode.FEW_DISTINCT:
            return f"Only {count(v['requests'], 'distinct request')}: this verdict holds for these prompts only."


def _grouped(of: Grouping, number: int | None, n: int, effective: float) -> str:
    if number == 1:
        return f"All samples share {SHARED[of]}; the confidence interval accounts for that."
    if number is not None:
        return f"The samples come from {number:,} {_GROUPS[of]}; the confidence interval accounts for that."
    size = f"effective sample size {round(effective):,} of {n:,}"
    return f"Samples share {SHARED[of]}: {size}, which the confidence interval accounts for."
