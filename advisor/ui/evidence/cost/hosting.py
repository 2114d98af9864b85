"""Self-hosting: choices, the result, cost by volume, and all inputs and formulas."""

import streamlit as st

from advisor.charts.bills import bills_figure
from advisor.money.demand import Throughput, known_shape, measured_throughput, starting_model
from advisor.money.hosting import Bills, HostingCase, precisions, sizable_gpus, sizable_models
from advisor.money.hosting_inputs import Choices
from advisor.money.load_results import read_throughput
from advisor.text import numbers
from advisor.text.hosting import (
    break_even_sentence,
    doubled_sentence,
    hosting_input,
    hosting_note,
    hosting_sentence,
    memory_sentence,
)
from advisor.types import HostingSource, Message, Report, Study
from advisor.ui.components.chart import show as show_chart
from advisor.ui.components.errors import say_errors
from advisor.ui.components.table import show_list, show_table
from advisor.ui.components.text import inline
from advisor.ui.evidence.cost import queries as queries_money
from advisor.ui.server import store

FORMULAS = (
    "Memory of one copy = (weights + cache of all tokens in it) × 1.1, spread over its GPUs; at most 90% of each.",
    "Weights = parameters × bytes of one. Cache of a token = 2 × layers × key-value heads × head size × bytes.",
    "Copies = output tokens per second in the busiest hour ÷ throughput of one copy, rounded up, plus spares.",
    "Utilization = output tokens a month ÷ (copies × tokens a second × 3,600 × 730.5).",
    "Dollars per million output tokens = GPU dollars an hour × GPUs × 1,000,000 ÷ (3,600 × tokens a second × "
    "utilization).",
    "Dollars a month = GPU dollars an hour × GPUs of all copies × 730.5 + engineer hours × rate. Range: the lowest and "
    "the highest price of the GPU; ±30% throughput if not measured.",
    "Break-even = the lowest volume at which that costs no more than hosts, or today's model.",
    "Payback = cost of the move ÷ monthly savings against today's bill.",
)


@say_errors()
def show(study: Study, report: Report | None) -> None:
    """The tab. It begins with a candidate that the plan moves to."""
    chosen = [decision.chosen for decision in report.recommendation.use_cases if decision.chosen] if report else []
    case = queries_money.case(study.id, _choose(study, chosen))
    now = None if case.bills is None else case.bills.now
    answer = hosting_sentence(case.model.name, case.choices.precision, case.gpu.name, case.gpus, now)
    st.markdown(f"**{inline(answer)}**")
    for reason in case.missing:
        st.info(inline(hosting_note(reason)), icon=":material/help:")
    if case.bills is not None:
        bills = case.bills
        _show_bills(bills)
        told = [
            break_even_sentence(bills.now, bills.break_even_hosted, bills.break_even_closed),
            doubled_sentence(bills.now, bills.doubled),
            "" if case.choices.engineer_hours else "Excludes engineering time. Enter the hours a month above.",
        ]
        show_list(filter(None, told))
    st.caption(inline(" ".join(map(hosting_note, case.notes))))
    _show_how(case)


def figures(bills: Bills) -> list[dict[str, str]]:
    """One row per number at today's volume, with the reason where it is not known."""
    no_bill = "today's bill is unknown" if bills.now.closed_usd is None else ""
    never = "" if no_bill or bills.payback_months is not None else "never at today's volume"
    payback = numbers.UNKNOWN if bills.payback_months is None else f"{bills.payback_months:,.1f} months"
    rows = (
        ("Own GPUs, a month", numbers.money_range(bills.now.own), ""),
        ("Utilization", share(bills.utilisation), ""),
        ("Per million output tokens, GPUs alone", numbers.dollars(bills.usd_per_mtok), ""),
        ("Payback period", payback, no_bill or never),
    )
    return [{"Number": name, "Value": value, "Unknown": reason} for name, value, reason in rows]


def share(utilisation: float | None) -> str:
    """A utilization in words; a tiny one is not rounded to 0."""
    return "less than 0.1%" if utilisation and utilisation < 0.001 else numbers.percent(utilisation)


def _show_bills(bills: Bills) -> None:
    show_table(
        figures(bills),
        key="hosting_figures",
        alt="Dollars a month, how much of what is paid is used, dollars by the token, and when the move pays back.",
    )
    show_chart(
        bills_figure(
            bills.curve,
            now=bills.now.calls,
            from_hosted=bills.break_even_hosted,
            from_closed=bills.break_even_closed,
        ),
        key="hosting_bills",
    )


def _choose(study: Study, chosen: list[str]) -> Choices:
    models, gpus = {model.id: model for model in sizable_models()}, {gpu.id: gpu for gpu in sizable_gpus()}
    ids, wanted = list(models), starting_model(store(), study, chosen)
    start = ids.index(wanted) if wanted in models else 0
    first, second, third = st.columns(3)
    model = first.selectbox("Open model", ids, start, format_func=lambda i: models[i].name, key="hosting_model")
    gpu = second.selectbox("GPU", list(gpus), format_func=lambda i: gpus[i].name, key="hosting_gpu")
    precision = third.selectbox(
        "Weights",
        precisions(models[model]),
        key=f"hosting_precision_{model}",
        help="Lower precision saves memory but may change answers. Test the precision you will run.",
    )
    spare, hours, rate, once = st.columns(4)
    return Choices(
        model_id=model,
        gpu_id=gpu,
        precision=precision,
        spare=spare.number_input(
            "Spare copies",
            0,
            10,
            1,
            key="hosting_spare",
            help="In addition to the busiest hour's need, in case one fails.",
        ),
        engineer_hours=hours.number_input("Engineer hours a month", 0.0, None, 0.0, 5.0, key="hosting_hours"),
        engineer_usd_per_hour=rate.number_input("Dollars per hour", 0.0, None, 100.0, 10.0, key="hosting_rate"),
        one_off_usd=once.number_input("One-off migration cost, dollars", 0.0, None, 0.0, 1000.0, key="hosting_once"),
        throughput=_throughput(study, model),
        shape=_shape(model),
    )


def _throughput(study: Study, model: str) -> Throughput | None:
    """Entered by a person, otherwise out of a load tool's file, otherwise measured by a load test."""
    measured = measured_throughput(store(), study, model)
    left, right = st.columns([1, 3])
    entered = left.number_input(
        "Output tokens per second per copy",
        0.1,
        None,
        None,
        key=f"hosting_tokens_{model}",
        placeholder=f"{measured.tokens_per_s:,.0f} (measured)" if measured else "unknown",
        help="Total under load. A load test on the Latency page fills this in.",
    )
    source = right.text_input("Source", key=f"hosting_source_{model}", max_chars=200)
    from_tool = _from_tool(model)
    if entered is None:
        return from_tool or measured
    return Throughput(float(entered), Message.of(HostingSource.ENTERED, words=source.strip()), False)


def _from_tool(model: str) -> Throughput | None:
    """What a load tool measured; None: no file, or one without it."""
    with st.expander("Result of AIPerf, GuideLLM or vLLM bench", icon=":material/speed:", key="hosting_result"):
        file = st.file_uploader(
            "Result file",
            type="json",
            key=f"hosting_result_{model}",
            help="Of one copy under full load. The page Files has your log's traffic for these tools.",
        )
        with say_errors():
            return read_throughput(file.getvalue()) if file else None
    return None


def _shape(model: str) -> tuple[int, int, int] | None:
    """The shape of the KV cache, asked for if unknown."""
    if known_shape(model) is not None:
        return None
    with st.expander("KV cache of this model", icon=":material/memory:", key="hosting_shape"):
        st.caption("From the model's config.json. Without it, memory is a rough estimate.")
        layers, heads, size = st.columns(3)
        n_layers = layers.number_input("Layers", 1, None, None, key=f"hosting_layers_{model}")
        n_heads = heads.number_input("Key-value heads", 1, None, None, key=f"hosting_heads_{model}")
        head_size = size.number_input("Head size", 1, None, None, key=f"hosting_size_{model}")
    return (n_layers, n_heads, head_size) if n_layers and n_heads and head_size else None


def _show_how(case: HostingCase) -> None:
    show_table(
        [dict(zip(("What", "Value", "From"), hosting_input(*one), strict=True)) for one in case.inputs],
        key="hosting_inputs",
        alt="Every number that the result rests on, with its source.",
    )
    with st.expander("Memory and formulas", icon=":material/memory:", key="hosting_how"):
        show_list(FORMULAS)
        st.markdown(inline(memory_sentence(*case.memory)))
        show_table(
            [
                {
                    "GPUs of one copy": fit.gpus,
                    "Each needs": f"{fit.needed_gb:,.1f} GB",
                    "Each has": f"{fit.usable_gb:,.1f} GB",
                    "Fits": "✓ yes" if fit.fits else "✗ no",
                }
                for fit in case.fits
            ],
            key="hosting_fits",
            alt=f"What {', '.join(str(fit.gpus) for fit in case.fits)} GPUs for one copy have to hold.",
        )
