"""What is known of models before they are called: licenses (no legal advice), leaderboards, prices, where data goes."""

from collections.abc import Iterable, Mapping, Sequence

from advisor.text import numbers
from advisor.text.messages import Words, worded
from advisor.text.names import NAMES_REMAIN
from advisor.types import Fact, Json, LicenceCode, Message
from advisor.types.licences import Fit

BOARDS = {"arena": "LMArena text, Elo", "aa": "Artificial Analysis index"}
LISTS = {
    "genai-prices": "dated prices",
    "litellm": "current prices",
    "models.dev": "new open models",
    "huggingface": "licenses",
}
"""What is read from each list that a refresh fetches."""
BY_ANSWERS = {
    Fit.ALLOWED: " Your company's answers allow it.",
    Fit.CONDITIONS: " Your company's answers make these conditions apply.",
    Fit.NEEDS_REVIEW: " Your company's answers don't settle it.",
    Fit.NOT_ALLOWED: " Your company's answers rule it out.",
}
"""What a license says to the company, after its conditions."""
Cases = Iterable[Iterable[tuple[str, int | None]]]
_FACTS = {
    Fact.REVENUE_YEAR: ("revenue is over ${} a year", "your revenue"),
    Fact.REVENUE_MONTH: ("revenue is over ${} a month", "your revenue in the strongest month"),
    Fact.MONTHLY_USERS: ("there are more than {} users a month", "how many users you have"),
    Fact.THIRD_PARTIES: ("others use the model itself through you", "whether others use the model itself through you"),
    Fact.ASSISTANT: ("you sell a coding or office assistant", "whether you sell a coding or office assistant"),
    Fact.EU: ("your company is in the EU", "whether your company is in the EU"),
    Fact.IMAGES: ("the model reads images", "whether the model reads images"),
}
"""(what holds, what is asked)"""
WEAK = {
    "unverified": "which license the model has wasn't verified",
    "presumed": "the license is presumed from an earlier model; its text wasn't read for this one",
    "one source": "only one source says which license the model has",
    "quoted in part": "only parts of the license were seen",
}
"""Evidence of the licence a model has that isn't enough."""


def edition_words(board: str, version: str, as_of: str) -> str:
    """One state of a leaderboard."""
    return " ".join(
        part for part in (BOARDS.get(board, board), version, as_of and f"of {numbers.day_of(as_of)}") if part
    )


def permission_words(reasons: Sequence[Message]) -> str:
    """Why a model may be used or not, in sentences."""
    parts = (worded(_REASONS, reason) for reason in reasons)
    return " ".join(f"{part[0].upper()}{part[1:].rstrip('.')}." for part in parts)


def _when(cases: Cases) -> str:
    held = ([_FACTS[Fact(fact)][0].format(_short(limit)) for fact, limit in case] for case in cases)
    return ", or ".join(" and ".join(case) for case in held)


def _because(words: str, cases: Cases) -> str:
    when = _when(cases)
    return f"because {when}: {words}" if when else words


def _depends_on(facts: Iterable[str]) -> str:
    return f"it depends on {', and on '.join(dict.fromkeys(_FACTS[Fact(fact)][1] for fact in facts))}"


def _evidence(evidence: str) -> str:
    return WEAK.get(evidence, f"it isn't clear how we know that the model has this license ({evidence or 'empty'})")


def _short(number: int | None) -> str:
    """A large round number: "20 million", "10 billion"."""
    number = number or 0
    for size, name in ((1e9, "billion"), (1e6, "million")):
        if number >= size:
            return f"{number / size:,.4g} {name}"
    return f"{number:,}"


_REASONS: Words = {
    LicenceCode.BECAUSE: _because,
    LicenceCode.SO_FAR: lambda words, cases: f"known so far: {_because(words, cases)}",
    LicenceCode.IF: lambda words, cases: f"if {_when(cases)}: {words}",
    LicenceCode.ENDS_IF: lambda cases: f"it ends if {_when(cases)}",
    LicenceCode.DEPENDS_ON: _depends_on,
    LicenceCode.UNREAD: "{words}",
    LicenceCode.EVIDENCE: _evidence,
    LicenceCode.CHANGED: "its license changed from {before} to {after}, seen on {seen_on}, and hasn't been reviewed",
    LicenceCode.NOT_LISTED: "the catalog doesn't have this model's license",
    LicenceCode.NO_CONDITIONS: "no conditions beyond keeping the notices",
    LicenceCode.AS_ANSWERED: "allowed as you answered",
}


def usable_models(free: int, conditions: int, review: int, forbidden: int, *, models: int, passing: int) -> str:
    """How many models a company may use without legal review, and how many pass the filters."""
    kinds = (
        (free, "allowed"),
        (conditions, "with conditions"),
        (review, "need legal review"),
        (forbidden, "not allowed"),
    )
    told = ", ".join(f"{n} {words}" for n, words in kinds if n)
    passed = (
        "" if passing == models else " One passes the filters." if passing == 1 else f" {passing} pass the filters."
    )
    return f"{numbers.count(models, 'open model')}: {told}.{passed}"


def on_your_traffic(today: str, *, is_known: bool) -> str:
    """What the costs of recommended models are based on; ``is_known``: whether the traffic is."""
    if not is_known:
        return "Input price per million tokens. Import a log with tokens and times to see your monthly cost."
    bill = f" Today's bill: {today}/month." if today != numbers.UNKNOWN else ""
    return f"List prices on your traffic, at the cheapest host or one with a key.{bill} Quality isn't measured yet."


def strength_words(edition: tuple[str, str, str] | None) -> str:
    """What makes a recommended model the strongest."""
    return f"Strength: {edition_words(*edition)}, then size." if edition else "Strength: by size."


def candidates_ready(ready: int, total: int) -> str:
    """How many candidates can be called."""
    return f"{ready} of {numbers.count(total, 'candidate')} ready."


NO_CANDIDATE = "No candidate yet. Add at least one model."
JUDGE_NEEDS_JSON = "Its verdicts can't be read unless it answers in JSON. If they can't, use another judge."
BUILTIN_NOTE = "Free, runs on this machine without a key. Weak by design, for trying things out."


def sibling_note(model: str) -> str:
    """Why a cheaper closed model is offered."""
    return f"{model} is cheaper and from the provider that your log uses most."


def successor_note(model: str) -> str:
    """Why the successor of a model that ends is offered."""
    return f"{model} is what the provider recommends once today's model is switched off."


ENTER_PRICE = "No list has its price. Enter it, or its cost can't be compared."
FITTING = "Its license allows your use, it has room for your longest prompts, and calls tools where your log does."
NO_PRICE = "no price known, so its cost can't be compared"


def judge_wanted(use_cases: Sequence[str]) -> str:
    """That nothing compares the answers of these use cases."""
    needs = "needs" if len(use_cases) == 1 else "need"
    return f"{numbers.listing(use_cases)} {needs} a judge to compare answers, or people who review pairs."


def set_key(name: str) -> str:
    """What to do where a model's key is missing."""
    return f"Ask whoever runs this app to set {name} in the environment or in .streamlit/secrets.toml and restart it."


def key_request(name: str, model: str, host: str) -> str:
    """What to send to whoever runs this app."""
    return (
        f"Please set {name} for Migration Advisor, in its environment or in .streamlit/secrets.toml, and restart it. "
        f"We need it to call {model} at {host}."
    )


def with_key(label: str, name: str) -> str:
    """A button for a model that can't be called before its key is set."""
    return f"{label} (needs {name})"


def ask_for_key(name: str, model: str) -> str:
    """A button for a model that was added and lacks its key."""
    return f"Ask for {name} to test {model}"


def key_first(model: str, key: str) -> str:
    """That a model was added which can't be tested yet."""
    return f"{model} is a candidate, not tested yet: it needs {key}. Send the request below, then start a run."


def judge_note(model: str, usd_per_1k: float | None) -> str:
    """Why a judge is offered, and what it costs."""
    price = f" About {numbers.dollars(usd_per_1k)} for 1,000 votes." if usd_per_1k else ""
    return f"{model}, the cheapest capable judge with a key.{price}"


def keys_headline(missing: int, total: int) -> str:
    """Whether keys are set, without a full stop."""
    if missing:
        return f"{numbers.count(missing, 'key')} missing"
    return "All keys are set" if total else "API keys"


def installation_state(studies: int, *, is_worker_alive: bool) -> str:
    """How many studies are here, and whether the worker runs."""
    worker = "is running" if is_worker_alive else "is stopped; the next page restarts it"
    return f"{studies} {'study' if studies == 1 else 'studies'} here. The worker process {worker}."


def models_checked(on: str | None) -> str:
    """How old the list of open models is."""
    return f"Open models, licenses and hosts: built-in catalog of {numbers.day_of(on or 'an unknown date')}"


def prices_in_use(source: str) -> str:
    """Which list prices are in use."""
    return f"In use: {source}. Stored costs keep their price."


def refresh_outcome(*, has_failed: bool, is_partial: bool) -> str:
    """What the last refresh of the lists brought."""
    if has_failed:
        return "Nothing could be refreshed; the old lists stay. Try again when online."
    return "Some lists couldn't be refreshed; their old versions stay." if is_partial else "All lists refreshed."


def licence_changed(model: str, before: str, after: str, seen_on: str) -> str:
    """A license that a person must read; ``model`` with its repository."""
    return (
        f"The license of {model} changed from {before} to {after}, seen on {seen_on}. It can't be a candidate until "
        "someone has read the license."
    )


def where_sent(hosts: Sequence[str], *, redacted: bool, names_redacted: bool, own: Sequence[str]) -> str:
    """To which hosts prompts go, as Markdown; ``own``: names of models on servers of the user. Both are safe.

    ``names_redacted``: names of people were replaced too.
    """
    if hosts:
        unless = "" if names_redacted else f" ({NAMES_REMAIN})"
        replaced = f"with personal data replaced by placeholders{unless}"
        state = replaced if redacted else "**as logged, personal data included**"
        return f"Prompts leave this machine {state}, to: {', '.join(hosts)}."
    names = [name.removesuffix(" at own server") for name in own]
    several = f"servers of {numbers.listing(names)} pass" if len(names) > 1 else f"server of {''.join(names)} passes"
    unless = f", unless the {several} it on" if own else ""
    return f"Nothing leaves this machine{unless}."


def what_is_sent(*, illustrative: bool, is_judge: bool) -> str:
    """What of the log a model gets."""
    return "nothing (pre-recorded answers)" if illustrative else "prompts with both answers" if is_judge else "prompts"


def unpriced_consent(names: Sequence[str]) -> str:
    """What a person confirms who starts without knowing the price."""
    return f"Start without a known price for {', '.join(names)}. The cost can't be shown or capped."


def line_price(usd: float | None, *, illustrative: bool) -> str:
    """What one model costs in a planned run."""
    if illustrative:
        return f"free (list price {numbers.dollars(usd)})"
    return "free" if usd == 0 else numbers.dollars(usd)


def no_price(names: Sequence[str]) -> str:
    """That these models have no known price."""
    return f"No known price for {', '.join(names)}."


def free_run(*, is_sample: bool) -> str:
    """Why a planned run costs nothing."""
    return f"No provider is called.{' Pre-recorded answers count at an illustrative price.' * is_sample}"


def quoted_price(enough: int) -> str:
    """What the price of a planned run depends on; ``enough``: answers of a model that narrow it."""
    return f"Based on each model's answers so far. Below {enough}, on its connection test and the answers in the log."


def unpriced_words(models: Mapping[str, int]) -> str:
    """The models of a log that no price list has."""
    named = ", ".join(f"{name} ({numbers.count(calls, 'call')})" for name, calls in models.items())
    return f"No price found for {named}, so what they cost isn't known."


def name_price(name: str, price: Mapping[str, Json]) -> str:
    """What a person said that a model of the log costs."""
    if "same_as" in price:
        return f"{name}: same price as {price['same_as']}"
    return f"{name}: {numbers.price(price['input'])} input, {numbers.price(price['output'])} output per 1M tokens"
