"""What is known of the judges whose votes a decision rests on."""

from dataclasses import dataclass, field

from advisor.types.messages import Message


@dataclass(frozen=True, kw_only=True)
class JudgeFacts:
    """How far one judge of a run can be trusted."""

    judge: str
    judged: int
    """Orders of pairs it gave a word on."""
    unparsed: int
    """Of them those that could not be read and count as ties."""
    pairs: int
    """Pairs it judged in both orders ..."""
    flipped: int
    """... and those of them where its word turned with the order."""
    tied: int = 0
    """... and those that it called a tie in both orders."""
    anchors: dict[str, tuple[int, int]] = field(default_factory=dict)
    """Kind of control pair -> (pairs in which both orders named the better answer, pairs asked), over the study."""
    longer_won: float | None = None
    """How often the longer answer won, among the pairs with a winner and answers of different lengths ..."""
    longer_of: int = 0
    """... so many."""
    warnings: tuple[Message, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Exam:
    """How the judges whose votes count did on control pairs, each by itself (METHOD 1.9)."""

    judges: tuple[str, ...]
    left_out: tuple[str, ...] = ()
    """Judges of the run that failed, and whose votes don't count."""
    prompt_version: str
    controls: dict[str, tuple[int, int]]
    """Kind of control pair -> (pairs in which both orders named the better answer, pairs asked)."""
    reviews: int = 0
    """Pairs of the study that both people and the judge compared."""

    @property
    def found(self) -> int:
        """Control pairs in which both orders named the better answer."""
        return sum(found for found, _ in self.controls.values())

    @property
    def asked(self) -> int:
        """Control pairs asked in both orders."""
        return sum(asked for _, asked in self.controls.values())
