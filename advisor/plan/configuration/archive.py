"""Archives of files that are ready to run: the same bytes for the same decision."""

import io
from collections.abc import Mapping
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from advisor.plan.configuration.client import KEY, URL, client_diff
from advisor.plan.configuration.gateways import OPENROUTER, gateway_files, models_of, reached
from advisor.plan.configuration.litellm_proxy import MASTER_KEY, proxy_files
from advisor.text.ready.gateway import readme
from advisor.types.deployment import Deployment

DAY = (2026, 1, 1, 0, 0, 0)
"""Of every file: an archive made again is the same."""
README = "README.md"


def zipped(files: Mapping[str, str]) -> bytes:
    """A zip with these texts, by name."""
    content = io.BytesIO()
    with ZipFile(content, "w") as archive:
        for name, text in sorted(files.items()):
            info = ZipInfo(name, DAY)
            info.compress_type = ZIP_DEFLATED
            info.external_attr = 0o644 << 16
            archive.writestr(info, text)
    return content.getvalue()


def gateway_archive(deployment: Deployment) -> dict[str, str]:
    """Configuration of a LiteLLM proxy by step, of other gateways, and the client's patch."""
    models = [model for route in deployment.routes for model in models_of(route)]
    keys = dict.fromkeys([MASTER_KEY, *(model.key_env for model in models if model.key_env)])
    left = tuple(route.alias for route in deployment.routes if route not in reached(deployment))
    gateways = gateway_files(deployment)
    return {
        README: readme(deployment, tuple(keys), left, (URL, KEY), has_openrouter=OPENROUTER in gateways),
        "client.diff": client_diff(deployment),
        **proxy_files(deployment),
        **gateways,
    }
