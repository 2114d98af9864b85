"""What assorted questions are about: subjects that people ask assistants about, each known by its words.

Clusters of words tell such logs apart by "write" and "following"; a list of subjects gives parts with names.
"""

import re
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

OTHER = "Other questions"
_READ_CHARS = 2000
_TELLING, _ENOUGH = 3, 2
"""Points of a word that says it alone, and those from which a text is about a subject."""
_SMALLEST_SHARE = 0.03
_FEWEST = 5
_MOST = 10


class Subject(NamedTuple):
    """A subject and what tells that a text is about it."""

    name: str
    telling: str
    """Words each of which is enough."""
    likely: str
    """Words of which two are."""
    family: str
    """Where it goes with others that are too small to stand alone."""


_CODE = "Other code"
_SCIENCE = "Other science and technology"
_BUSINESS = "Other work and business"
_WRITING = "Other writing and language"
_EVERYDAY = "Other everyday topics"
_SUBJECTS = (
    Subject(
        "SQL and databases",
        "sql mysql postgres postgresql sqlite mongodb sqlalchemy plsql bigquery snowflake dbt",
        "database databases query queries table tables column columns join schema index rows dataframe etl nosql redis",
        _CODE,
    ),
    Subject(
        "Python",
        "python pandas numpy django flask fastapi matplotlib scipy streamlit pyspark jupyter pip pytest tkinter pygame",
        "def import self dataframe script",
        _CODE,
    ),
    Subject(
        "Web development",
        "javascript typescript html css react reactjs vue angular svelte jquery nodejs nextjs php laravel wordpress"
        " tailwind webpack dom ajax",
        "node frontend website webpage browser button div component page npm url form",
        _CODE,
    ),
    Subject(
        "C, Java and other languages",
        "cpp c++ c# java kotlin swift rust golang scala haskell fortran verilog cuda matlab vba autolisp lisp erlang"
        " elixir solidity dart flutter unity gdscript delphi cobol julia perl ruby .net",
        "struct pointer compile compiler template static void int class method scheme",
        _CODE,
    ),
    Subject(
        "Servers and networks",
        "docker kubernetes aws azure gcp linux ubuntu debian nginx apache terraform ansible ssh vpn dns firewall"
        " powershell bash systemd vmware wireguard jenkins opnsense",
        "server servers cluster deploy cloud network router ip port container shell windows command install driver git"
        " hardware security",
        _CODE,
    ),
    Subject(
        _CODE,
        "code program regex algorithm refactor unittest debugging javadoc ffmpeg latex svg api json"
        " yaml xml cli chatbot"
        " scrape scraper opengl codeql blender",
        "function script bug error class implement programming software app library loop array string input output file"
        " parse test compile return developer framework parameters indexed filter bytes header thread cache",
        _CODE,
    ),
    Subject(
        "AI and machine learning",
        "llm llms gpt chatgpt pytorch tensorflow keras transformer transformers huggingface langchain neural"
        " embeddings lora diffusion midjourney whisper sklearn xgboost",
        "ai model models training train dataset prompt prompts learning classifier loss gradient inference token"
        " embedding bot regression",
        _SCIENCE,
    ),
    Subject(
        "Mathematics",
        "theorem polynomial integral derivative eigenvalue lemma bijection combinatorics calculus algebra geometry"
        " modulo mathbb frac",
        "prove proof equation equations solve solution length point sample uniformly shortest"
        " matrix probability sum number numbers integer integers calculate vector"
        " graph triangle circle random mean variance percent divided average formula function set",
        _SCIENCE,
    ),
    Subject(
        "Physics, chemistry and engineering",
        "physics voltage quantum thermodynamics molecule chemistry arduino circuit transistor photon enthalpy kinetic"
        " hydraulic biology dna protein",
        "energy force velocity temperature pressure sensor motor electric current resistor material gas water speed"
        " mass engine signal chemical cell cells power steel",
        _SCIENCE,
    ),
    Subject(
        "Finance and accounting",
        "stocks invest investing investment annuity mortgage portfolio bitcoin crypto accounting invoice dividend etf"
        " hodl forex ebitda",
        "stock price loan interest tax taxes bank income cost dollar budget payment market revenue profit fund money"
        " trading finance financial expense",
        _BUSINESS,
    ),
    Subject(
        "Business and marketing",
        "marketing startup b2b saas seo competitors branding stakeholders upsell ecommerce kpi",
        "business company market product products customer customers strategy sales brand campaign pitch pricing"
        " industry client clients service supplier value team manager management",
        _BUSINESS,
    ),
    Subject(
        "Law and public policy",
        "legal lawyer lawsuit gdpr plaintiff statute patent attorney constitution visa",
        "law laws contract regulation regulations court clause liability policy compliance rights government act",
        _BUSINESS,
    ),
    Subject(
        "Health and fitness",
        "symptoms symptom patient patients disease medication vitamin therapy workout surgery doctor clinical surgical"
        " nutrition calories",
        "health medical diet exercise sleep pain drug treatment body weight blood muscle complications brain protein",
        _EVERYDAY,
    ),
    Subject(
        "Stories and creative writing",
        "story poem novel haiku lyrics sonnet screenplay fanfiction limerick song melody chord",
        "character characters scene fiction dialogue chapter hero fantasy imagine animation joke funny tale",
        _WRITING,
    ),
    Subject(
        "Games and role play",
        "rpg dungeon minecraft pathfinder d&d npc chess warhammer pokemon mmo",
        "game games player players quest level dragon rules campaign card roleplay",
        _WRITING,
    ),
    Subject(
        "Translation and languages",
        "translate translation translator conjugate grammar vocabulary",
        "spanish french german english chinese japanese korean russian arabic italian portuguese language word words"
        " sentence sentences meaning",
        _WRITING,
    ),
    Subject(
        "Writing and editing",
        "rewrite proofread paraphrase essay blog resume cv newsletter copywriting headline",
        "email letter article paragraph tone edit draft write rephrase text post formal title document summary report",
        _WRITING,
    ),
    Subject(
        "Summaries and extraction",
        "summarize summarise tldr summarization",
        "summary extract points list following text article passage key classify categorize",
        _WRITING,
    ),
    Subject(
        "School and teaching",
        "lesson curriculum homework syllabus pupils classroom lecture quiz",
        "teacher students student course exam school university grade learn teach explain",
        _EVERYDAY,
    ),
    Subject(
        "Travel and food",
        "itinerary recipe recipes hotel airline flights vacation restaurant tourist airfare",
        "travel trip flight cook food city visit meal dinner chicken bread airport",
        _EVERYDAY,
    ),
    Subject(
        "History, politics and culture",
        "philosophy empire revolution bible theology politics election medieval president",
        "history war century religion king culture film movie music book art country countries society world author"
        " ancient church political",
        _EVERYDAY,
    ),
    Subject(
        "Plans and tables",
        "excel spreadsheet gantt agenda okr",
        "plan schedule project task tasks meeting steps step timeline week month goals table template sheet organize",
        _BUSINESS,
    ),
)
_HOW_MANY = r"\bhow (?:long|many|much|far)\b"
_SIGNS = (
    (_CODE, re.compile(r"```|[;{}]\s*$|\w\(\)|</\w+>|=>|->|%>%|^\s*(?:import|def|function|#include)\b", re.M)),
    ("Mathematics", re.compile(rf"\$\\|{_HOW_MANY}.*\d|\d.*{_HOW_MANY}|\d+ ?[a-z]?\^\d", re.I | re.S)),
)
"""What no single word shows."""
_WORD = re.compile(r"c\+\+|c#|d&d|\.net|[^\W\d_]+(?:'[a-z]+)?")


_PLACES = {subject.name: at for at, subject in enumerate(_SUBJECTS)}


@lru_cache(maxsize=1)
def _points() -> dict[str, list[tuple[int, int]]]:
    """Word to the subjects it speaks for, each with its points."""
    points: dict[str, list[tuple[int, int]]] = {}
    for at, subject in enumerate(_SUBJECTS):
        for words, worth in ((subject.telling, _TELLING), (subject.likely, 1)):
            for word in words.split():
                points.setdefault(word, []).append((at, worth))
    return points


def subject_of(text: str) -> str:
    """What a text is about; OTHER where its words don't say."""
    found: Counter[int] = Counter()
    known = _points()
    for word in set(_WORD.findall(text[:_READ_CHARS].casefold())):
        for at, worth in known.get(word, ()) or known.get(word.removesuffix("s"), ()):
            found[at] += worth
    found.update({_PLACES[name]: 2 for name, sign in _SIGNS if sign.search(text[:_READ_CHARS])})
    best = max(found, key=lambda at: (found[at], -at), default=0)
    if _SUBJECTS[best].name == _CODE:  # whose own words come with every language
        named = [at for at, own in found.items() if own >= _TELLING and _SUBJECTS[at].family == _CODE and at != best]
        best = max(named, key=lambda at: (found[at], -at), default=best)
    return _SUBJECTS[best].name if found[best] >= _ENOUGH else OTHER


class Subjects:
    """The subjects of some texts that are common enough to be parts, OTHER first, then the largest."""

    def __init__(self, texts: Sequence[str]) -> None:
        smallest = max(_FEWEST, _SMALLEST_SHARE * len(texts))
        families = {subject.name: subject.family for subject in _SUBJECTS}
        calls = Counter(map(subject_of, texts))
        large = [name for name, count in calls.most_common() if count >= smallest and name != OTHER][:_MOST]
        self._homes = {name: name if name in large else families[name] for name in families}
        sizes = Counter(map(self._home, texts))
        self.names = [name for name, count in sizes.most_common() if count >= smallest and name != OTHER]
        if sum(sizes[name] for name in self.names) < len(texts):
            self.names.insert(0, OTHER)

    def __len__(self) -> int:
        return len(self.names)

    def find(self, texts: Sequence[str], *, always: bool = True) -> list[int | None]:
        """The place of each text's subject in ``names``."""
        places = {name: at for at, name in enumerate(self.names)}
        return [places.get(self._home(text), places.get(OTHER, 0 if always else None)) for text in texts]

    def _home(self, text: str) -> str:
        return self._homes.get(subject_of(text), OTHER)
