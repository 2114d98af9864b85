"""Words that are known beforehand: those that say nothing, and those that say what to do."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


STOP_WORDS = _words(
    """
    a about above after again all also am an and any are as at be because been before being below between both
    but by can cannot could did do does doing don done down during each else etc few for from further get gets
    give given go going got had has have having he her here hers him his how however i if in into is it its
    itself just know let ll make many may me might more most much must my need no nor not now of off on once one
    only or other our out over own per please put re s said same say see shall she should since so some such t
    take tell than that the their them then there these they thing things this those through to too under until
    up upon us use using ve very via want was way we well were what when where which while who whom whose why
    will with within without would yes yet you your hi hello hey dear thanks thank regards greetings morning
    good day team help like kind best sincerely cheers der die das den dem des ein eine einen einem einer und
    oder aber nicht ist sind war wir ich sie er es ihr mit von zu zum zur im auf aus bei nach für als auch wie
    kann können bitte danke hallo haben hat le la les un une du de et ou mais pas est sont nous vous je il elle
    avec pour dans sur que qui bonjour merci el los las una unos unas del y o pero son nosotros usted con para
    en por hola gracias se su
    """
)
"""Words that most texts hold, whatever they are about."""

GENERIC = _words(
    """
    you re a an the ai assistant assistants chatbot bot model agent helper helpful friendly useful kind concise
    polite honest harmless smart expert professional very be are is to of and in as answer answers user users
    question questions respond reply responding please always briefly concisely succinctly short brief clear
    clearly accurate accurately crisp that can will who helps help virtual large language ai's their your with
    sentence sentences one two knowledgeable general purpose act any best ability truthful succinct
    """
)
"""Words of system prompts that fit every purpose."""

VERBS = _words(
    """
    summarise summarize condense classify categorise categorize sort label tag extract parse turn convert
    translate write draft rewrite rephrase compose generate create produce answer reply respond decide detect
    identify find review check grade score rate judge evaluate rank analyse analyze explain describe suggest
    recommend plan route triage moderate proofread correct edit read help assist search look fill book handle
    scrape compare list match solve compute calculate count tell give make build design improve fix refactor
    test document transcribe predict estimate select choose pick map normalise normalize clean format query
    load record delete show provide return retrieve fetch get request schedule send update track monitor
    verify validate investigate research simulate play teach guide resolve prepare collect gather
    organise organize visualise visualize plot draw paraphrase shorten expand complete infer determine assess
    inspect debug implement optimise optimize migrate execute run browse annotate redact anonymise anonymize
    filter group cluster split prioritise prioritize assign escalate forward confirm cancel process manage
    coordinate delegate report brainstorm outline critique
    """
)
"""What a prompt asks to do."""

MAKING = _words(
    """
    write draft compose generate create produce make tell give show provide return
    """
)
"""Verbs that say no more than the thing that is made: "write a poem" is a poem."""

DETERMINERS = _words(
    """
    the a an this these those each every all your my our their any some
    """
)
"""Words that stand before a thing."""

WEAK_END = _words(
    """
    a an the and or to of for with that in on at from by is are into as your their his her its each any some
    following one can should must will may might would could have has had be been whether about like if when what
    who how than
    """
)
"""Words that no name ends with."""

NO_ROLE = _words(
    """
    designed tasked skilled made given provided asked shown presented responsible able expected going
    """
)
"""Words after "You are" that name no role."""
