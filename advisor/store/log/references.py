"""Recorded answers taken for reference answers, where a person says that they are right."""

from sqlalchemy import select, update

from advisor.store.engine import Change, Store, in_parts, study_of
from advisor.store.log.traffic import count_again
from advisor.store.log_tables import GroupRow, SampleRow, SampleTextRow, UseCaseRow

BATCH = 500


def adopt_answers(store: Store, use_case_id: int) -> int:
    """Give every call of a use case without a reference answer its recorded one; returns how many got one."""
    wanted = (
        select(SampleRow.id, SampleRow.log_id)
        .join(GroupRow, GroupRow.id == SampleRow.group_id)
        .where(GroupRow.use_case_id == use_case_id, SampleRow.has_answer, SampleRow.has_target.is_(False))
        .where(SampleRow.error.is_(None))
    )
    adopted: list[int] = []
    with store.write(study_of(UseCaseRow, use_case_id), Change.SETUP) as session:
        found = session.execute(wanted).all()
        for ids in in_parts([row.id for row in found], BATCH):
            texts = session.execute(
                select(SampleTextRow.sample_id, SampleTextRow.answer).where(SampleTextRow.sample_id.in_(ids))
            )
            rights = {
                id_: answer["text"].strip() for id_, answer in texts if answer and (answer.get("text") or "").strip()
            }
            if not rights:
                continue
            session.execute(
                update(SampleTextRow), [{"sample_id": id_, "target": right} for id_, right in rights.items()]
            )
            session.execute(update(SampleRow).where(SampleRow.id.in_(rights)).values(has_target=True))
            adopted += rights
        if adopted:
            count_again(session, sorted({row.log_id for row in found}))
    return len(adopted)
