"""What was understood of files before they are imported: what is missing or unusual first, then calls as replayed."""

from collections.abc import Callable

import pandas as pd
import streamlit as st

from advisor.collect.accounting import LOUD, findings_of, is_loud
from advisor.collect.previews import Call, Look, Looks
from advisor.collect.tally import Account
from advisor.text import numbers
from advisor.text.import_findings import FACTS, ORDERS, UNITS, import_finding
from advisor.types import Message
from advisor.types.codes import Fact, FindingCode
from advisor.types.studies import Hints
from advisor.ui.components.table import show_table
from advisor.ui.components.text import inline, plain
from advisor.ui.log.log_files import words_for
from advisor.ui.log.mapping import ROLES

_DURATIONS, _DATES, _MODEL = "import_durations", "import_dates", "import_model"
_CALL_PX, _MODEL_PX = 260, 340
_MAPPED_HERE, _BESIDE = 6, 3
_ROLES = ("answer", "prompt", "messages", "system", "model", "time", "input_tokens", "output_tokens", "latency", "cost",
          "session", "use_case", "target")  # fmt: skip
_UNUSED = "(not used)"


def choose_hints(looks: Looks) -> Hints:
    """What files don't tell by themselves: a unit of latencies, the order of dates, the model. Asked where needed."""
    units = [account for account in looks.accounts if account.unknown_durations]
    orders = [account.guessed_order for account in looks.accounts if account.guessed_order]
    unit: str | None = None
    order: str | None = None
    model: str | None = None
    row = st.container(horizontal=True)
    if units:
        likely = units[0].likely_unit
        label = f"Unit of {inline(', '.join(units[0].unknown_durations))}"
        if likely:
            label += f" (looks like {UNITS[likely]})"
        unit = row.segmented_control(label, list(UNITS), format_func=UNITS.__getitem__, key=_DURATIONS)
    if orders:
        order = row.segmented_control(
            "Day or month first? The dates don't show it. Guess: the part that varies more is the day",
            list(ORDERS),
            format_func=ORDERS.__getitem__,
            default=orders[0],
            key=_DATES,
        )
        order = None if order == orders[0] else order
    if looks.accounts and not any(account.tally.with_fact(Fact.MODEL) for account in looks.accounts):
        model = row.text_input(
            "Model that answered (not in the file)", placeholder="gpt-4o", key=_MODEL, width=_MODEL_PX
        ).strip()
    return Hints(durations=unit, dates=order, model=model or None)


def show_understood(looks: Looks) -> None:
    """What must not be overlooked, what else is unusual, and the share of calls with each fact."""
    is_one = len(looks.accounts) == 1
    found = [(account, finding) for account in looks.accounts for finding in findings_of(account)]
    found = [(account, finding) for account, finding in found if finding.code != FindingCode.DATE_ORDER]  # asked above
    for show, icon, is_such in _LEVELS:
        told = [(account, finding) for account, finding in found if is_such(finding)]
        if told:
            lines = ["" if is_one else f"**{inline(account.file)}**: " for account, _ in told]
            texts = [inline(import_finding(finding)) for _, finding in told]
            mark = "- " if len(told) > 1 else ""
            show("\n".join(f"{mark}{line}{text}" for line, text in zip(lines, texts, strict=True)), icon=icon)
    if looks.accounts:
        show_table(_shares(looks), key="import_shares", alt="Share of the first calls with each fact")


def show_sent(look: Look) -> None:
    """The first calls as a candidate would get them, each with the recorded answer, which isn't sent."""
    if not look.first:
        return
    st.markdown("**First calls as they would be replayed**")
    for number, (place, call) in enumerate(zip(st.columns(len(look.first)), look.first, strict=True)):
        with place, st.container(height=_CALL_PX, key=f"import_call_{number}"):
            _show_call(number, call)


def _show_call(number: int, call: Call) -> None:
    facts = [
        call.model,
        f"{call.at:%Y-%m-%d %H:%M}" if call.at else "",
        _tokens(call),
        numbers.seconds(call.latency_s) if call.latency_s is not None else "",
        numbers.dollars(call.cost_usd) if call.cost_usd is not None else "",
    ]
    st.caption(inline(" · ".join(filter(None, facts)) or "No model, time, tokens or latency"))
    if call.not_replayable:
        st.caption(f":material/block: Can't be replayed: {inline(call.not_replayable)}.")
    for position, (role, text) in enumerate(call.sent):
        st.caption(f"Sent: {inline(role)}")
        plain(text, key=f"import_sent_{number}_{position}")
    if call.tools:
        st.caption(f"Tools: {inline(', '.join(call.tools))}")
    st.caption("Recorded answer (not sent)" if call.answer else "**No recorded answer**")
    if call.answer:
        plain(call.answer, key=f"import_answer_{number}")


def _tokens(call: Call) -> str:
    """Of both sides, or of the one that the log tells."""
    given, taken = call.input_tokens, call.output_tokens
    if given is not None and taken is not None:
        return f"{given:,} + {taken:,} tokens"
    sides = {"input token": given, "output token": taken}
    return "".join(numbers.count(tokens, side) for side, tokens in sides.items() if tokens is not None)


def show_unused(account: Account, use: Callable[[str, str], None]) -> None:
    """Columns that nothing was read from, with an example each; the first ones can be given a meaning."""
    if not account.unused:
        return
    is_short = any(is_loud(finding) and finding.values.get("unused") for finding in findings_of(account))
    with st.expander(f"{numbers.count(len(account.unused), 'column')} not used", expanded=is_short):
        places = st.columns(_BESIDE)
        for number, column in enumerate(list(account.unused)[:_MAPPED_HERE]):
            key = f"import_use_{account.file}_{column}"
            places[number % _BESIDE].selectbox(
                f"{inline(column)}: {inline(numbers.shorten(account.unused[column]))}",
                [_UNUSED, *_ROLES],
                format_func=lambda role: ROLES.get(role, role),
                key=key,
                on_change=_use,
                args=(key, column, use),
            )
        more = dict(list(account.unused.items())[_MAPPED_HERE:])
        if more:
            table = pd.DataFrame(more.items(), columns=["Column", "Example"])
            show_table(table, key="import_unused", alt="Further columns that aren't used")


def _use(key: str, column: str, use: Callable[[str, str], None]) -> None:
    role = st.session_state.get(key)
    if role and role != _UNUSED:
        use(column, role)


def _shares(looks: Looks) -> pd.DataFrame:
    rows = [
        {
            "File": account.file,
            "Format": words_for(account.format),
            "Looked at": _looked_at(account) if looks.is_whole else "the first calls",
        }
        | {_heading(fact): _share(account, fact) for fact in Fact}
        for account in looks.accounts
    ]
    table = pd.DataFrame(rows)
    return table.drop(columns=["File", "Format"]) if len(looks.accounts) == 1 else table


def _looked_at(account: Account) -> str:
    """All calls, and the rows of a table of turns, which has more."""
    rows = f" ({numbers.count(account.rows, 'row')})" if account.rows else ""
    return f"all {numbers.count(account.tally.calls, 'call')}{rows}"


def _share(account: Account, fact: Fact) -> str:
    if fact is Fact.TOKENS and account.tally.only_side:
        return f"✗ {account.tally.only_side} only"
    return f"{account.tally.share(fact):.0%}" if account.tally.with_fact(fact) or fact not in LOUD else "✗ 0%"


def _heading(fact: Fact) -> str:
    return FACTS[fact][:1].upper() + FACTS[fact][1:]


def _is_quiet(finding: Message) -> bool:
    return finding.code == FindingCode.ALSO_NONE


_LEVELS: tuple[tuple[Callable[..., object], str, Callable[[Message], bool]], ...] = (
    (st.error, ":material/error:", is_loud),
    (st.warning, ":material/warning:", lambda finding: not is_loud(finding) and not _is_quiet(finding)),
)
