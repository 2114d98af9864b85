"""Settings: keys, database, prices with their refresh, versions."""

from advisor.ui.models import company
from advisor.ui.settings import installation

facts = installation.look()
installation.headline(facts)
installation.show_keys(facts)
company.show_company()
installation.show_store(facts)
installation.show_prices(facts)
installation.refresh()
installation.show_versions(facts)
