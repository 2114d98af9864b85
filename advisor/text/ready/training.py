"""Fine-tuning files in words."""

from collections.abc import Iterator, Mapping, Sequence

from advisor.text.messages import Words, worded
from advisor.text.numbers import cent_range, count, listing, percent, pts, shorten, signed
from advisor.text.ready import numbered, readme_of, section
from advisor.types import Message
from advisor.types.ready import REACH, Needs, Point, Side, Split, Terms, TrainGap, Training, TrainingSet, Tuned

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
    return [*dict.fromkeys(map(gap_words, _gaps(training)))]


def _gaps(training: Training) -> list[Message]:
    return [*training.gaps, *(gap for each in training.sets for gap in each.gaps)]


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
        "that the candidate didn't lose": looked.not_lost,
        "near a tested call": looked.near_tested,
        "repeated": looked.repeated,
        "not text": looked.not_text,
        "with an answer that names what its prompt masks": looked.masked,
    }
    out = [f"{n:,} {why}" for why, n in left.items() if n]
    of = f"{count(looked.calls, 'call')} ({looked.tested:,} tested)"
    return f"Left out of {of}: {listing(out)}." if out else f"None of {of} is left out."


def curve_words(curve: Sequence[Point]) -> str:
    """How the copy of the nearest example gets better with more of them."""
    points = listing([f"{percent(score)} with {n:,}" for n, score in curve], most=len(curve))
    return f"Learning curve, the nearest example's label on the test split: {points}. It isn't the trained model's."


def needs_words(needs: Needs) -> str:
    """What one way of training takes."""
    gpus = f"{needs.gpus} GPU of 80 GB" if needs.gpus == 1 else f"{needs.gpus} GPUs of 80 GB"
    told = f"{WAYS[needs.how]}: about {needs.memory_gb:,.0f} GB, {gpus}"
    if needs.hours is None:
        return f"{told}; hours unknown, the log doesn't have both input and output tokens."
    low, high = needs.hours
    hours = f"{low:,.1f} to {high:,.1f} hours" if high >= 1 else "under 1 hour"
    usd = f"{cent_range(needs.usd)}" if needs.usd else "price unknown"
    of = f"{needs.tokens:,} tokens × {needs.epochs} epochs"
    return f"{told}, {hours} on H100, {usd} ({of})."


def readme(training: Training, vllm: str, context: Mapping[str, int]) -> str:
    """README.md: what to do in five lines, then each use case.

    ``vllm``: its version. ``context``: tokens of a call by alias, for the trained model's server.
    """
    trained = next((each for each in training.sets if each.of(Split.TRAIN)), None)
    gaps = [gap_words(gap) for gap in _gaps(training) if gap.code not in _FEW]
    return readme_of(
        training.study,
        "DPO pairs" if training.is_pairs else "fine-tuning",
        _too_few(training) if trained else [],
        numbered(_steps(training, trained, vllm, context[trained.alias]))
        if trained
        else ["Nothing to train on yet: see below why."],
        *(section(each.alias, _about(each)) for each in training.sets),
        section("Missing", [*dict.fromkeys(gaps), *_unknown(training)]),
        section("Good to know", _notes(training)) if trained else [],
    )


def _steps(training: Training, trained: TrainingSet, vllm: str, context: int) -> Iterator[str]:
    script, config = ("dpo.py", "dpo.yaml") if training.is_pairs else ("train.py", "lora.yaml")
    held_out = "`test.jsonl` of `export --what finetune --train-on-tested`" if training.is_pairs else "`test.jsonl`"
    first, repository = trained.alias, trained.trainee.repository or "MODEL"
    empty = "" if trained.trainee.repository else " Set `model` in the YAML file: it's `MODEL` below."
    yield "Read `TERMS.md` and some of `train.jsonl`: only checks have passed its answers."
    yield f"On a GPU machine, run `pip install -r requirements.txt`.{empty}"
    yield f"Run `python {script} {first}/{config}`. It writes `{first}/adapter`."
    yield (
        f"Serve it in its own environment (`pip install vllm=={vllm}`): `vllm serve {repository} --host "
        f"127.0.0.1 --port 8100 --max-model-len {context} --enable-lora --lora-modules {first}={first}/adapter`."
    )
    test = (
        f"Test it on {held_out} only: import that as a study."
        if training.with_tested
        else f"Replay with `--sample {training.sample_size} --seed {training.seed}`: it's asked the same calls."
    )
    yield f"Add `hosted_vllm/{first}` at `http://127.0.0.1:8100/v1` under Candidates. {test}"


def terms_file(training: Training) -> str:
    """TERMS.md."""
    lines = ["# Before you train", "", "Not legal advice: read the sources, they change.", ""]
    for each in training.sets:
        lines += [f"## {shorten(each.use_case)}", "", *(f"- {terms_words(terms)}" for terms in each.terms), ""]
    return "\n".join(lines).rstrip("\n") + "\n"


def _too_few(training: Training) -> list[str]:
    few = [gap.values for gap in _gaps(training) if gap.code in _FEW]
    if not few:
        return []
    known = listing([f"{each['examples']:,} in {shorten(each['use_case'])}" for each in few], most=len(few))
    least = f"{few[0]['few']:,} or more"
    if training.is_pairs:
        return [f"Too few pairs to teach anything yet: {known}. Wait for {least}."]
    return [f"Few to train on yet: {known}. {least} teach better."]


def _about(each: TrainingSet) -> Iterator[str]:
    gap = f"{signed(each.delta, each.margin)} from today's model; you accept -{pts(each.margin)}"
    yield f"For {each.trainee.name}: {gap}."
    yield f"{sizes(each)}. {looked_words(each)}"
    yield from (needs_words(needs) for needs in each.needs)
    if each.curve:
        yield curve_words(each.curve)


def _unknown(training: Training) -> Iterator[str]:
    """What no number could be given for, by use case."""
    no_needs = [
        each.alias
        for each in training.sets
        if not each.needs and all(gap.code != TrainGap.FEW_PAIRS for gap in each.gaps)
    ]
    no_curve = [each.alias for each in training.sets if not each.curve and not training.is_pairs]
    for what, lacking in (
        ("memory, hours and cost", no_needs),
        ("learning curve (needs labels, reference answers, 50 examples)", no_curve),
    ):
        if lacking:
            whose = "" if len(lacking) == len(training.sets) else f" for {listing(lacking)}"
            yield f"Unknown{whose}: {what}."


def _notes(training: Training) -> Iterator[str]:
    split = "a fifth of all calls" if training.with_tested else "the calls that decided the verdict"
    yield f"The test split is {split}. Splits share no conversation or near-duplicate request."
    yield "Every file holds only calls with a passing answer, so a score on `test.jsonl` says nothing about others."
    names = "" if training.names_redacted else " Names of people stay: no model that finds them is installed."
    yield f"Personal data is replaced with placeholders like `<EMAIL_1>`.{names}"
    if training.is_pairs:
        yield "`chosen` is the reference answer or today's that passed; `rejected` is the candidate's, which lost."
        yield "DPO works best on a model that was fine-tuned on good answers first: `export --what finetune`."
    else:
        yield "`qlora.yaml` needs a third of `lora.yaml`'s memory and about 1.4 times as long."
        yield (
            "To distill an open model, serve it, run `python distill.py FOLDER` and train on the new folder. For a "
            "smaller student, set its repository as `model`."
        )
    if any(each.needs for each in training.sets):
        yield "Memory and hours are rough (20 to 40% of an H100's peak) without loading: measure some steps."


def _untested(calls: int) -> str:
    return f"Nothing to train on in {count(calls, 'untested call')}" if calls else "All calls were tested"


_FEW = (TrainGap.FEW, TrainGap.FEW_PAIRS)
_GAPS: Words = {
    TrainGap.NONE_SHORT: "No use case is just short of a move: undecided, or at most "
    f"{pts(REACH)} beyond your acceptable drop.",
    TrainGap.ALL_TESTED: "{use_case}: nothing to train on. All usable calls were tested ({tested:,}) or are near one "
    "that was. Import more of your log, or also train on tested calls (--train-on-tested).",
    TrainGap.NO_PAIRS: "{use_case}: no pairs to train on. {model} failed on tested calls only. Replay another sample "
    "(--seed 2), or also train on tested calls (--train-on-tested).",
    TrainGap.TESTED_TOO: lambda untested: (
        f"{_untested(untested)}, so tested calls are used too. Or import more of your log."
    ),
    TrainGap.FEW: "{use_case}: {examples:,} examples are few; {few:,} or more teach better.",
    TrainGap.FEW_PAIRS: "{use_case}: {examples:,} pairs can't teach anything yet. Wait for {few:,} or more.",
    TrainGap.ILLUSTRATIVE: "{model} is part of the sample and has no weights. Set another in its YAML file.",
    TrainGap.CLOSED: "{model}: the catalog has no open weights of it. Set a model that you can train in its YAML file. "
    "For a provider's own fine-tuning, train.jsonl has OpenAI's chat format.",
    TrainGap.TOO_LARGE: "{model} is too large to train here (over 250 billion weights). Improve the prompt, or use a "
    "host's fine-tuning.",
    TrainGap.NO_SIZE: "{model}: its size is unknown, so memory and hours are too.",
}
