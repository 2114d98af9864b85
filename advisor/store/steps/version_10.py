"""Version 10: scenarios, steps of the plan, notes on pairs, facts about the company, business cases, grounds.

Judges' votes that can't be read are no longer ties, runs keep what deleted models had cost, and studies
what models of the log cost that no list has.
"""

from sqlalchemy import Connection, text

TIME = {"sqlite": "DATETIME", "postgresql": "TIMESTAMP WITHOUT TIME ZONE"}
NUMBER = {"sqlite": "DOUBLE", "postgresql": "DOUBLE PRECISION"}
BYTES = {"sqlite": "BLOB", "postgresql": "BYTEA"}
TABLES = (
    """CREATE TABLE scenario (
        study_id INTEGER NOT NULL, name VARCHAR NOT NULL, settings JSON NOT NULL, created_at {time} NOT NULL,
        CONSTRAINT pk_scenario PRIMARY KEY (study_id, name),
        CONSTRAINT fk_scenario_study_id_study FOREIGN KEY(study_id) REFERENCES study (id) ON DELETE CASCADE
    )""",
    """CREATE TABLE plan_step (
        use_case_id INTEGER NOT NULL, percent INTEGER NOT NULL, owner VARCHAR, starts_on DATE, go BOOLEAN,
        CONSTRAINT pk_plan_step PRIMARY KEY (use_case_id, percent),
        CONSTRAINT fk_plan_step_use_case_id_use_case FOREIGN KEY(use_case_id) REFERENCES use_case (id) ON DELETE CASCADE
    )""",
    """CREATE TABLE plan_task (
        study_id INTEGER NOT NULL, task VARCHAR NOT NULL, owner VARCHAR NOT NULL,
        CONSTRAINT pk_plan_task PRIMARY KEY (study_id, task),
        CONSTRAINT fk_plan_task_study_id_study FOREIGN KEY(study_id) REFERENCES study (id) ON DELETE CASCADE
    )""",
    """CREATE TABLE note (
        sample_id INTEGER NOT NULL, model_id INTEGER NOT NULL, author VARCHAR NOT NULL, text TEXT NOT NULL,
        at {time} NOT NULL,
        CONSTRAINT pk_note PRIMARY KEY (sample_id, model_id, author),
        CONSTRAINT fk_note_sample_id_sample FOREIGN KEY(sample_id) REFERENCES sample (id) ON DELETE CASCADE,
        CONSTRAINT fk_note_model_id_model FOREIGN KEY(model_id) REFERENCES model (id) ON DELETE CASCADE
    )""",
    """CREATE TABLE company (
        fact VARCHAR NOT NULL, answer JSON NOT NULL,
        CONSTRAINT pk_company PRIMARY KEY (fact)
    )""",
    """CREATE TABLE case_inputs (
        study_id INTEGER NOT NULL, entered JSON NOT NULL, unit VARCHAR NOT NULL,
        CONSTRAINT pk_case_inputs PRIMARY KEY (study_id),
        CONSTRAINT fk_case_inputs_study_id_study FOREIGN KEY(study_id) REFERENCES study (id) ON DELETE CASCADE
    )""",
    """CREATE TABLE narrative (
        study_id INTEGER NOT NULL, decided_at {time} NOT NULL, model VARCHAR NOT NULL, text TEXT NOT NULL,
        cost_usd {number},
        CONSTRAINT pk_narrative PRIMARY KEY (study_id),
        CONSTRAINT fk_narrative_study_id_study FOREIGN KEY(study_id) REFERENCES study (id) ON DELETE CASCADE
    )""",
    """CREATE TABLE grounds (
        run_id INTEGER NOT NULL, basis VARCHAR NOT NULL, facts JSON NOT NULL, pairs {bytes} NOT NULL,
        CONSTRAINT pk_grounds PRIMARY KEY (run_id),
        CONSTRAINT fk_grounds_run_id_run FOREIGN KEY(run_id) REFERENCES run (id) ON DELETE CASCADE
    )""",
)

_UNREAD = """SELECT g.id FROM generation g JOIN judgement j ON j.run_id = g.run_id AND j.sample_id = g.sample_id
    AND j.judge_id = g.model_id AND j.model_id = g.about_model_id AND j.candidate_first = g.candidate_first
    WHERE g.about = 'pair' AND g.failure IS NULL AND NOT j.parsed"""
UNREAD_VOTES = (
    f"CREATE TEMPORARY TABLE unread AS {_UNREAD}",
    "DELETE FROM generation_text WHERE generation_id IN (SELECT id FROM unread)",
    """UPDATE generation SET failure = 'unreadable', attempts = 1, error = 'Can''t read the judge''s reply.'
    WHERE id IN (SELECT id FROM unread)""",
    "DROP TABLE unread",
)
"""A vote that can't be read counted as a tie; it is a failed call that can be made again."""


def lift(connection: Connection) -> None:
    """From version 9 to 10."""
    dialect = connection.dialect.name
    for table in TABLES:
        connection.execute(text(table.format(time=TIME[dialect], number=NUMBER[dialect], bytes=BYTES[dialect])))
    connection.execute(text(f"ALTER TABLE study ADD COLUMN shared_at {TIME[dialect]}"))
    connection.execute(text("ALTER TABLE study ADD COLUMN name_prices JSON"))
    for column in ("removed_usd", "removed_judge_usd"):
        connection.execute(text(f"ALTER TABLE run ADD COLUMN {column} {NUMBER[dialect]}"))
    for statement in UNREAD_VOTES:
        connection.execute(text(statement))
