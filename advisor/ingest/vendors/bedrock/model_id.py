"""The names that Bedrock gives its models."""

_NAMED = ("foundation-model/", "inference-profile/")
_OPAQUE = ("application-inference-profile/", "provisioned-model/", "prompt/", "prompt-router/")


def model_of(identity: str, answered_by: str | None = None) -> str:
    """The model's id without the account's part of an ARN.

    Where a profile hides the model, it is ``answered_by``, as the response names it; else the ARN as it is.
    """
    if not identity.startswith("arn:"):
        return identity
    resource = identity.split(":", 5)[-1]
    if any(mark in resource for mark in _OPAQUE):
        return model_of(answered_by) if answered_by else identity
    return resource.partition("/")[2] if resource.startswith(_NAMED) else identity
