"""The report as one HTML file without anything to load: for mail and intranets."""

from pathlib import Path

from advisor.report.pdf import compose
from advisor.types.dossier import Audience, Dossier

TEMPLATE = Path(__file__).with_name("template.html")


def web_page(dossier: Dossier, audience: Audience = Audience.FULL) -> bytes:
    """A whole page; texts are escaped by the template engine, drawings are ours."""
    from jinja2 import Environment, StrictUndefined

    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters["drawing"] = lambda svg: svg[svg.index("<svg") :]
    template = environment.from_string(TEMPLATE.read_text(encoding="utf-8"))
    return template.render(doc=compose(dossier, audience)).encode()
