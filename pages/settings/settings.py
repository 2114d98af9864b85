"""Settings: keys with their tests, the age of the prices, facts about the company, and what is installed."""

from advisor.ui.models import company
from advisor.ui.settings import installation

facts = installation.look()
installation.show_keys(facts)
installation.show_prices(facts)
installation.refresh()
company.show_company()
installation.show_about(facts)
