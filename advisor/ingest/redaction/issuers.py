"""What keys and tokens look like, issuer by issuer. Only public facts: prefixes, alphabets, lengths."""

import re

from advisor.ingest.redaction.words import any_of

_SHAPES: tuple[tuple[str, str], ...] = (
    ("sk-", r"(?<![A-Za-z0-9_\-])sk-[A-Za-z0-9_\-]{16,}"),  # OpenAI, Anthropic, OpenRouter, DeepSeek, LiteLLM ...
    ("sk_ rk_ pk_", r"(?:sk|rk|pk)_(?:live|test|prod|sandbox)_[A-Za-z0-9]{10,}"),  # Stripe, Clerk
    ("whsec_", r"whsec_[A-Za-z0-9+/=]{16,}"),
    ("AKIA ASIA ABIA ACCA AROA AIDA", r"A(?:KIA|SIA|BIA|CCA|ROA|IDA)[A-Z0-9]{16}(?![A-Za-z0-9])"),  # AWS
    ("AIza", r"AIza[A-Za-z0-9_\-]{30,}"),  # Google
    ("ya29.", r"ya29\.[A-Za-z0-9_\-]{20,}"),
    ("GOCSPX-", r"GOCSPX-[A-Za-z0-9_\-]{20,}"),
    ("1//0", r"1//0[A-Za-z0-9_\-]{30,}"),
    ("ghp_ gho_ ghu_ ghs_ ghr_", r"gh[pousr]_[A-Za-z0-9]{20,}"),  # GitHub
    ("github_pat_", r"github_pat_[A-Za-z0-9_]{20,}"),
    ("gl", r"gl(?:pat|dt|rt|cbt|ptt|ft|soat|agent|imt|oas|ffct)-[A-Za-z0-9_.\-]{16,}"),  # GitLab
    ("xox xapp- xoxe.", r"(?:xox[abeoprscd]|xapp|xoxe\.xox[bp])-[A-Za-z0-9\-]{10,}"),  # Slack
    (
        "services/T workflows/T triggers/T",
        r"(?<=hooks\.slack\.com/)(?:services|workflows|triggers)/[A-Za-z0-9/_\-]{16,}",
    ),
    ("webhooks/", r"webhooks/\d{15,}/[A-Za-z0-9_\-]{20,}"),  # Discord
    ("webhookb2/ office.com/webhook", r"(?:webhookb2/|office\.com/webhook)[\w\-@/]{30,}"),
    ("SG.", r"SG\.[A-Za-z0-9_\-]{16,}\.[A-Za-z0-9_\-]{16,}"),  # SendGrid
    ("key-", r"key-[0-9a-f]{32}(?![A-Za-z0-9])"),  # Mailgun
    ("SK AC", r"(?:SK|AC)[0-9a-f]{32}(?![A-Za-z0-9])"),  # Twilio
    ("EAA", r"EAA[A-Za-z0-9]{60,}"),  # Facebook
    ("sq0", r"sq0[a-z]{3}-[A-Za-z0-9_\-]{20,}"),  # Square
    ("hf_ npm_ gsk_ r8_ pcsk_", r"(?:hf|npm|gsk|r8|pcsk)_[A-Za-z0-9_\-]{20,}"),
    ("nvapi- xai- pplx- tvly- csk-", r"(?:nvapi|xai|pplx|tvly|csk)-[A-Za-z0-9_\-]{20,}"),
    ("dckr_ rubygems_ phc_ phx_", r"(?:dckr_pat|rubygems|ph[cx])_[A-Za-z0-9_\-]{20,}"),
    ("pypi-", r"pypi-[A-Za-z0-9_\-]{30,}"),
    ("lsv2_ ls__", r"(?:lsv2_(?:pt|sk)_|ls__)[A-Za-z0-9_]{20,}"),  # LangSmith
    ("sk-lf- pk-lf-", r"[sp]k-lf-[0-9a-f\-]{36}"),  # Langfuse
    ("dop_v1_ doo_v1_ dor_v1_", r"do[opr]_v1_[a-f0-9]{40,}"),
    ("shp", r"shp(?:at|ss|ca|pa)_[A-Fa-f0-9]{24,}"),  # Shopify
    ("dapi", r"dapi[0-9a-f]{32}(?:-\d)?"),  # Databricks
    ("secret_ ntn_", r"(?:secret_|ntn_)[A-Za-z0-9]{40,}"),  # Notion
    ("lin_ figd_ glsa_ glc_ fw_ vcp_", r"(?:lin_api|figd|glsa|glc|fw|vcp)_[A-Za-z0-9_\-.]{20,}"),
    ("sbp_ sb_secret_ pscale_", r"(?:sbp|sb_secret|pscale_[a-z]+)_[A-Za-z0-9_\-.]{20,}"),
    ("PMAK- NRAK- CFPAT-", r"(?:PMAK|NRAK|CFPAT)-[A-Za-z0-9_\-.]{20,}"),
    ("sntry", r"sntry[su]_[A-Za-z0-9_=+/]{30,}"),
    ("ATATT ATCTT ATBB", r"AT(?:ATT|CTT|BB)[A-Za-z0-9_\-=]{20,}"),  # Atlassian
    ("AGE-SECRET-KEY-", r"AGE-SECRET-KEY-1[0-9A-Z]{50,}"),
    ("hvs. hvb.", r"hv[sb]\.[A-Za-z0-9_\-]{20,}"),  # Vault
    ("tskey-", r"tskey-[a-z]+-[A-Za-z0-9\-]{16,}"),
    ("eyJ", r"eyJ[A-Za-z0-9_\-]{8,}\.[A-Za-z0-9_\-]{8,}\.[A-Za-z0-9_\-]*"),  # JSON Web Token
    ("$2", r"\$2[abxy]\$\d\d\$[./A-Za-z0-9]{53}"),  # bcrypt
    ("$argon2 $6$ $5$", r"\$(?:argon2[a-z]{1,2}|[56])\$[A-Za-z0-9./+=,$\-]{30,}"),
)
"""What a token may begin with, and the whole token."""
_INNER: tuple[tuple[str, str], ...] = (
    ("8Q~", r"[A-Za-z0-9_~.\-]{3}8Q~[A-Za-z0-9_~.\-]{31,}"),  # Azure
    (":A", r"\d{8,10}:A[A-Za-z0-9_\-]{32,35}(?![A-Za-z0-9])"),  # Telegram
    ("==", r"(?<![A-Za-z0-9+/\-])[A-Za-z0-9+/]{86}=="),  # Azure storage
    ("-us", r"[0-9a-f]{32}-us\d{1,2}(?!\d)"),  # Mailchimp
    (".", r"[MNO][A-Za-z0-9_\-]{22,27}\.[A-Za-z0-9_\-]{6}\.[A-Za-z0-9_\-]{27,}"),  # Discord
)


def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern if pattern.startswith(("(?<", r"\$")) else r"(?<![A-Za-z0-9])" + pattern)


BY_START = {start: _compiled(pattern) for starts, pattern in _SHAPES for start in starts.split()}
"""What a token begins with -> the whole token."""
ANY_START = re.compile(any_of(BY_START))
INNER = tuple((sign, _compiled(pattern)) for sign, pattern in _INNER)
"""A sign within a token -> the whole token."""
UNKNOWN_ISSUER = re.compile(
    r"[_\-](?:live|test|prod|api|pat|key|secret|token|sk|pk|bot)[_\-](?:(?:live|test|prod|sk|pk|v\d)[_\-]){0,3}"
    r"(?P<body>[A-Za-z0-9]{16,})"
)
"""The end of a token such as ``acme_live_...``, from the word on that says so."""
ISSUER = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{2,10}(?:[_\-][a-z]{2,6})?\Z")
"""Its beginning, before that word."""
