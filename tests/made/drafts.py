"""Drafts of a newsletter, a model that writes them, and a judge that sees no difference."""

from typing import Any

from advisor.types import Role
from tests.made.log import call
from tests.made.run import asked, verdict
from tests.server import Body

ROLES = {"open": Role.CANDIDATE, "judge": Role.JUDGE}


ANSWER = (
    "Dear customers, here is our note about topic {0}. We opened 14 shops last month and hired Clara as their head. "
    "Come and see us soon, and bring a friend or two along."
)


def drafting(n: int, **more: Any) -> list[dict[str, Any]]:
    return [
        call(
            i,
            f"Write a friendly newsletter paragraph for our customers about topic {i}.",
            ANSWER.format(i),
            metadata={"use_case": "Newsletter drafts"},
            **more,
        )
        for i in range(n)
    ]


def writer(body: Body) -> str:
    return ANSWER.format(asked(body).split()[-1]).replace("Dear", "Hello")


def same(_: Body) -> str:
    return verdict("tie")
