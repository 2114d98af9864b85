"""The sign-in gate: with ``[auth]`` in secrets.toml only people on the allow list get in, without it everybody does."""

from collections.abc import Mapping
from typing import Any

import streamlit as st
from streamlit.errors import StreamlitSecretNotFoundError

from advisor.errors import BadInput
from advisor.settings import allowed_domains, allowed_emails

User = Mapping[str, Any]
"""What the provider says of a visitor: the claims of the ID token, and ``is_logged_in``."""


def has_sign_in() -> bool:
    """Whether any secrets file that Streamlit reads has an ``[auth]`` table.

    Raises BadInput when one cannot be read: then the app may be meant to be closed.
    """
    try:
        return "auth" in st.secrets
    except StreamlitSecretNotFoundError as error:
        if error.error_id == "no-secrets-found":
            return False
        raise BadInput(f"Can't read secrets.toml. Compare it with secrets.toml.example. {error}") from None


def refusal(user: User) -> str | None:
    """Why a visitor who signed in may not enter, with the remedy; None where they may.

    An address counts only if the provider has verified it, else anybody could claim one.
    """
    email = str(user.get("email") or "").casefold()
    if not allowed_emails() and not allowed_domains():
        return "Nobody is allowed in yet. Set ADVISOR_ALLOWED_EMAILS or ADVISOR_ALLOWED_DOMAINS where the app runs."
    if email not in allowed_emails() and email.rpartition("@")[2] not in allowed_domains():
        return "This account has no access. Ask the app's owner to add it to ADVISOR_ALLOWED_EMAILS."
    claim = user.get("email_verified", user.get("xms_edov"))  # Microsoft Entra has a claim of its own
    if str(claim).casefold() not in ("true", "1"):
        return (
            "Your sign-in provider doesn't confirm this address (email_verified). Verify it there, then sign in again."
        )
    return None


def require_sign_in() -> None:
    """Stop here until a visitor on the allow list has signed in, where sign-in is set up."""
    try:
        needed = has_sign_in()
    except BadInput as error:
        st.error(str(error))
        st.stop()
    if not needed:
        return
    if not getattr(st.user, "is_logged_in", False):
        st.title("Migration Advisor")
        st.write("Sign in to see the studies of your team.")
        st.button("Sign in", type="primary", icon=":material/login:", key="sign_in", on_click=st.login)
        st.stop()
    st.sidebar.caption(f"Signed in as {_plain(str(st.user.get('email') or st.user.get('name') or 'you'))}")
    st.sidebar.button("Sign out", icon=":material/logout:", key="sign_out", type="tertiary", on_click=st.logout)
    reason = refusal(st.user.to_dict())
    if reason:
        st.title("Migration Advisor")
        st.error(reason)
        st.stop()


def _plain(text: str) -> str:
    return "".join(letter for letter in text if letter.isalnum() or letter in " .@-_+")
