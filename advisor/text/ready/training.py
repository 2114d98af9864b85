"""Fine-tuning files in words."""

from collections.abc import Iterator, Sequence

from advisor.text.messages import Words, worded
from advisor.text.numbers import cent_range, count, listing, percent, pts, shorten, signed
from advisor.types import Message
from advisor.types.ready.training import REACH, Needs, Point, Side, Split, Terms, TrainGap, Training, TrainingSet, Tuned

CHATS = "Fine-tuning"
PAIRS = "DPO pairs"
WHAT = {
    False: "Trains a candidate that is just short of a move on your own calls, with LoRA or QLoRA.",
    True: "Teaches a candidate that is just short of a move to prefer good answers to its own failing ones.",
}
TESTED = "Also train on tested calls"
TESTED_HELP = (
    "A fifth of all calls is then the test split. Calls that you train on can't decide about the trained model: "
    "test it on test.jsonl only."
)
TERMS = "Read the terms of both sides before you train:"
WAYS = {Tuned.LORA: "LoRA", Tuned.QLORA: "QLoRA", Tuned.DPO: "DPO with LoRA"}


def gap_words(gap: Message) -> str:
    """What a training set lacks, and what to do about it."""
    return worded(_GAPS, gap)


def holds(training: Training) -> str:
    """What the archive holds for this decision."""
    if not training.sets:
        return "No use case to train for."
    return " ".join(f"{shorten(each.use_case)}: {sizes(each)}." for each in training.sets)


def sizes(each: TrainingSet) -> str:
    """How many examples there are for what."""
    train, valid, test = (len(each.of(split)) for split in Split)
    return f"{train:,} to train on, {valid:,} to validate, {test:,} to test"


def lacks(training: Training) -> list[str]:
    """What is missing, in all use cases."""
    gaps = [*training.gaps, *(gap for each in training.sets for gap in each.gaps)]
    return [*dict.fromkeys(map(gap_words, gaps))]


def warnings(training: Training) -> list[str]:
    """The terms of both sides, each once."""
    return [*dict.fromkeys(terms_words(terms) for each in training.sets for terms in each.terms)]


def terms_words(terms: Terms) -> str:
    """What one side says to training, with its source and date."""
    what = f"Answers of {terms.model}" if terms.side is Side.ANSWERS else f"Training {terms.model}"
    if terms.rule is None:
        whose = f"of {terms.by} " if terms.by else ""
        return f"{what}: the catalog doesn't have the terms {whose}on training. Read them first."
    rule = terms.rule.rstrip(".") or "no limits found"
    if terms.limits:
        rule = f"{rule}; its answers: {terms.limits}"
    return f"{what} ({terms.by}): {rule}. Source: {terms.source}, checked {terms.checked_on}."


def looked_words(each: TrainingSet) -> str:
    """What became of the calls."""
    looked = each.looked
    left = {
        "without a passing answer": looked.no_answer,
        "where the candidate's answer didn't lose": looked.not_lost,
        "near a tested call": looked.near_tested,
        "repeated": looked.repeated,
        "not text": looked.not_text,
        "where an answer names what its prompt masks": looked.masked,
    }
    out = listing([f"{n:,} {why}" for why, n in left.items() if n]) if any(left.values()) else "none"
    return f"{count(looked.calls, 'call')} looked at, {looked.tested:,} of them tested; left out: {out}."


def curve_words(curve: Sequence[Point]) -> str:
    """How the copy of the nearest example gets better with more of them."""
    if not curve:
        return "Learning curve: unknown. It can be drawn for labels with reference answers, from 50 examples on."
    points = listing([f"{percent(score)} with {n:,}" for n, score in curve], most=len(curve))
    return f"Learning curve, the nearest example's label on the test split: {points}. It isn't the trained model's."


def needs_words(needs: Needs) -> str:
    """What one way of training takes."""
    gpus = f"{needs.gpus} GPU of 80 GB" if needs.gpus == 1 else f"{needs.gpus} GPUs of 80 GB"
    told = f"{WAYS[needs.how]}: about {needs.memory_gb:,.0f} GB, {gpus}"
    if needs.hours is None:
        return f"{told}; hours unknown, the log has no token counts."
    low, high = needs.hours
    hours = f"{low:,.1f} to {high:,.1f} hours" if high >= 1 else "under 1 hour"
    usd = f"{cent_range(needs.usd)} for computing" if needs.usd else "price unknown"
    of = f"{needs.tokens:,} tokens × {needs.epochs} epochs"
    return f"{told}, {hours} on H100, {usd} ({of}). Loading the model adds to it."


def readme(training: Training) -> str:
    """README.md: what to do in five lines, then each use case."""
    script, config = ("dpo.py", "dpo.yaml") if training.is_pairs else ("train.py", "lora.yaml")
    names = [each.alias for each in training.sets] or ["FOLDER"]
    first = names[0]
    repository = next((each.trainee.repository for each in training.sets), None) or "MODEL"
    held_out = "`test.jsonl` of `export --what finetune --train-on-tested`" if training.is_pairs else "`test.jsonl`"
    test = (
        f"import {held_out} as a study of its own and test it there: other calls were trained on."
        if training.with_tested
        else f"replay with `--sample {training.sample_size} --seed {training.seed}`: it's asked the same calls."
    )
    lines = [
        f"# {shorten(training.study)}: {'DPO pairs' if training.is_pairs else 'fine-tuning'}",
        "",
        *_too_few(training),
        "1. Read `TERMS.md`, and some rows of `train.jsonl`: the answers passed checks, not a reading by people.",
        "2. On a GPU machine: `pip install -r requirements.txt`. Set `model` in the YAML file if it's empty.",
        f"3. Run `python {script} {first}/{config}`. It writes `{first}/adapter`.",
        f"4. Serve it: `vllm serve {repository} --enable-lora --lora-modules {first}={first}/adapter`.",
        f"5. Add it under Candidates with its API base and the model `hosted_vllm/{first}`, then {test}",
        "",
    ]
    for each in training.sets:
        lines += [f"## {each.alias}", "", *(f"- {line}" for line in _about(each)), ""]
    if training.gaps:
        lines += ["## Missing", "", *(f"- {gap_words(gap)}" for gap in training.gaps), ""]
    lines += ["## Terms", "", *(f"- {line}" for line in warnings(training)), ""] if training.sets else []
    lines += ["## Good to know", "", *(f"- {line}" for line in _notes(training))]
    return "\n".join(lines) + "\n"


def terms_file(training: Training) -> str:
    """TERMS.md."""
    lines = ["# Before you train", "", "Not legal advice: read the sources, they change.", ""]
    for each in training.sets:
        lines += [f"## {shorten(each.use_case)}", "", *(f"- {terms_words(terms)}" for terms in each.terms), ""]
    return "\n".join(lines).rstrip("\n") + "\n"


def _too_few(training: Training) -> list[str]:
    """Of pairs: that no use case has enough."""
    few = [gap for each in training.sets for gap in each.gaps if gap.code == TrainGap.FEW]
    if not training.is_pairs or len(few) < len(training.sets) or not few:
        return []
    pairs = listing([f"{gap.values['examples']:,} in {shorten(gap.values['use_case'])}" for gap in few], most=len(few))
    return [f"Too few pairs to change a model yet: {pairs}. Collect {few[0].values['few']:,} or more first.", ""]


def _about(each: TrainingSet) -> Iterator[str]:
    gap = f"{signed(each.delta, each.margin)} against today's model; you accept -{pts(each.margin)}"
    yield f"{shorten(each.use_case)}, for {each.trainee.name}: {gap}."
    yield f"Examples: {sizes(each)}. {looked_words(each)}"
    yield from (needs_words(needs) for needs in each.needs)
    if not each.needs:
        yield "Memory, hours and cost: unknown."
    yield curve_words(each.curve)
    yield from (gap_words(gap) for gap in each.gaps)


def _notes(training: Training) -> Iterator[str]:
    yield (
        f"A use case is just short if its best candidate is undecided or at most {pts(REACH)} beyond your acceptable "
        "drop."
    )
    yield (
        "The splits share no conversation and no near-duplicate request. "
        + (
            "A fifth of all calls is the test split."
            if training.with_tested
            else "The calls that decided the verdict are the test split, and nothing near them is trained on."
        )
    )
    yield (
        "Every file holds only calls with a passing answer, `test.jsonl` too: a score on it says nothing about the "
        "calls that were left out."
    )
    names = "" if training.names_redacted else " Names of people stay: no language model for names is installed."
    yield f"Personal data is replaced by placeholders such as `<EMAIL_1>`, the same throughout an example.{names}"
    if training.is_pairs:
        yield "`chosen` is the reference answer or today's that passed; `rejected` is the candidate's, which lost."
        yield "DPO works best on a model that was fine-tuned on good answers first: `export --what finetune`."
    else:
        yield "`qlora.yaml` needs a third of the memory of `lora.yaml` and about 1.4 times as long."
        yield (
            "Distillation: training on today's answers is one. To learn from an open model instead, serve it, run "
            "`python distill.py FOLDER`, and train on the new folder. For a smaller student, set its repository as "
            "`model`."
        )
    yield (
        "Memory: LoRA 1.2 × (2 GB a billion weights + adapter), QLoRA 0.6 GB a billion + 4. Hours: 6 operations a "
        "weight and token (QLoRA × 1.39, DPO 8), at 20 to 40% of an H100's 989 TFLOPS, which is assumed. Rough: "
        "measure a few steps first."
    )


_GAPS: Words = {
    TrainGap.NONE_SHORT: "No use case is just short of a move: undecided, or at most "
    f"{pts(REACH)} beyond your acceptable drop.",
    TrainGap.ALL_TESTED: "{use_case}: nothing to train on. All usable calls were tested ({tested:,}) or are near one "
    "that was. Import more of your log, or also train on tested calls (--train-on-tested).",
    TrainGap.NO_PAIRS: "{use_case}: no pairs to train on. {model} failed on tested calls only. Replay another sample "
    "(--seed 2), or also train on tested calls (--train-on-tested).",
    TrainGap.FEW: "{use_case}: {examples:,} examples are few; {few:,} or more teach better.",
    TrainGap.ILLUSTRATIVE: "{model} is part of the sample and has no weights. Set the model to train in its YAML file.",
    TrainGap.CLOSED: "{model}: the catalog has no open weights of it. Set a model that you can train in its YAML file. "
    "For a provider's own fine-tuning, train.jsonl has OpenAI's chat format.",
    TrainGap.TOO_LARGE: "{model} is too large to train here (over 250 billion weights). Improve the prompt, or use a "
    "host's fine-tuning.",
    TrainGap.NO_SIZE: "{model}: its size is unknown, so memory and hours are too.",
}
