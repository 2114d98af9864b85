CREATE TABLE preset (
    id INTEGER NOT NULL,
    name VARCHAR NOT NULL,
    headers JSON NOT NULL,
    columns JSON NOT NULL,
    CONSTRAINT pk_preset PRIMARY KEY (id),
    CONSTRAINT uq_preset_name UNIQUE (name)
);
CREATE TABLE provider (
    name VARCHAR NOT NULL,
    held_until DATETIME,
    CONSTRAINT pk_provider PRIMARY KEY (name)
);
CREATE TABLE study (
    id INTEGER NOT NULL,
    name VARCHAR NOT NULL,
    created_at DATETIME NOT NULL,
    is_sample BOOLEAN NOT NULL,
    traffic_share DOUBLE NOT NULL,
    margin DOUBLE,
    confidence DOUBLE NOT NULL,
    max_latency_p95_s DOUBLE,
    max_ttft_p95_s DOUBLE,
    CONSTRAINT pk_study PRIMARY KEY (id),
    CONSTRAINT uq_study_name UNIQUE (name)
);
CREATE TABLE job (
    id INTEGER NOT NULL,
    study_id INTEGER,
    kind VARCHAR NOT NULL,
    status VARCHAR(32) NOT NULL,
    wanted VARCHAR(32),
    arguments JSON NOT NULL,
    progress VARCHAR NOT NULL,
    error TEXT,
    result JSON NOT NULL,
    owner VARCHAR,
    heartbeat_at DATETIME,
    created_at DATETIME NOT NULL,
    finished_at DATETIME,
    CONSTRAINT pk_job PRIMARY KEY (id),
    CONSTRAINT fk_job_study_id_study FOREIGN KEY(study_id) REFERENCES study (id) ON DELETE CASCADE
);
CREATE INDEX ix_job_study_id ON job (study_id);
CREATE TABLE log (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    study_id INTEGER NOT NULL,
    name VARCHAR NOT NULL,
    format VARCHAR NOT NULL,
    redacted BOOLEAN NOT NULL,
    rows INTEGER NOT NULL,
    accepted INTEGER NOT NULL,
    duplicates INTEGER NOT NULL,
    not_replayable INTEGER NOT NULL,
    rejected INTEGER NOT NULL,
    redactions JSON NOT NULL,
    imported_at DATETIME NOT NULL,
    complete BOOLEAN NOT NULL,
    fingerprint VARCHAR NOT NULL,
    CONSTRAINT fk_log_study_id_study FOREIGN KEY(study_id) REFERENCES study (id) ON DELETE CASCADE
);
CREATE INDEX ix_log_study_id ON log (study_id);
CREATE TABLE model (
    id INTEGER NOT NULL,
    study_id INTEGER NOT NULL,
    name VARCHAR NOT NULL,
    role VARCHAR(32) NOT NULL,
    litellm_id VARCHAR NOT NULL,
    api_base VARCHAR,
    key_env VARCHAR,
    input_price_usd_per_mtok DOUBLE,
    output_price_usd_per_mtok DOUBLE,
    cache_read_price_usd_per_mtok DOUBLE,
    cache_write_price_usd_per_mtok DOUBLE,
    params JSON NOT NULL,
    licence VARCHAR,
    illustrative BOOLEAN NOT NULL,
    max_samples INTEGER,
    probe JSON NOT NULL,
    CONSTRAINT pk_model PRIMARY KEY (id),
    CONSTRAINT uq_model_study_id_name UNIQUE (study_id, name),
    CONSTRAINT fk_model_study_id_study FOREIGN KEY(study_id) REFERENCES study (id) ON DELETE CASCADE
);
CREATE INDEX ix_model_study_id ON model (study_id);
CREATE TABLE run (
    id INTEGER NOT NULL,
    study_id INTEGER NOT NULL,
    status VARCHAR(32) NOT NULL,
    wanted VARCHAR(32),
    seed INTEGER NOT NULL,
    epochs INTEGER NOT NULL,
    sample_size INTEGER NOT NULL,
    baseline_lane VARCHAR(32) NOT NULL,
    baseline VARCHAR NOT NULL,
    concurrency INTEGER NOT NULL,
    stream BOOLEAN NOT NULL,
    judged BOOLEAN NOT NULL,
    budget_usd DOUBLE,
    planned INTEGER NOT NULL,
    planned_judge INTEGER NOT NULL,
    models JSON NOT NULL,
    created_at DATETIME NOT NULL,
    started_at DATETIME,
    finished_at DATETIME,
    wall_s DOUBLE,
    heartbeat_at DATETIME,
    owner VARCHAR,
    error TEXT,
    loop_lag_p99_s DOUBLE,
    asked_again INTEGER NOT NULL,
    repeated INTEGER,
    fresh BOOLEAN,
    clock TEXT,
    notices JSON,
    early_stop BOOLEAN,
    audited INTEGER,
    settled JSON,
    resting VARCHAR(32),
    spared INTEGER,
    frozen JSON,
    scored_with JSON,
    CONSTRAINT pk_run PRIMARY KEY (id),
    CONSTRAINT fk_run_study_id_study FOREIGN KEY(study_id) REFERENCES study (id) ON DELETE CASCADE
);
CREATE INDEX ix_run_study_id ON run (study_id);
CREATE TABLE use_case (
    id INTEGER NOT NULL,
    study_id INTEGER NOT NULL,
    name VARCHAR NOT NULL,
    description TEXT NOT NULL,
    kind VARCHAR(32) NOT NULL,
    endpoint VARCHAR(32),
    margin DOUBLE,
    ignored BOOLEAN NOT NULL,
    "match" JSON,
    checks JSON,
    CONSTRAINT pk_use_case PRIMARY KEY (id),
    CONSTRAINT uq_use_case_study_id_name UNIQUE (study_id, name),
    CONSTRAINT fk_use_case_study_id_study FOREIGN KEY(study_id) REFERENCES study (id) ON DELETE CASCADE
);
CREATE INDEX ix_use_case_study_id ON use_case (study_id);
CREATE TABLE use_case_edit (
    id INTEGER NOT NULL,
    study_id INTEGER NOT NULL,
    at DATETIME NOT NULL,
    what TEXT NOT NULL,
    "before" JSON NOT NULL,
    CONSTRAINT pk_use_case_edit PRIMARY KEY (id),
    CONSTRAINT fk_use_case_edit_study_id_study FOREIGN KEY(study_id) REFERENCES study (id) ON DELETE CASCADE
);
CREATE INDEX ix_use_case_edit_study_id ON use_case_edit (study_id);
CREATE TABLE load_test (
    id INTEGER NOT NULL,
    study_id INTEGER NOT NULL,
    model_id INTEGER NOT NULL,
    status VARCHAR(32) NOT NULL,
    wanted VARCHAR(32),
    stream BOOLEAN NOT NULL,
    max_ttft_p95_s DOUBLE,
    max_latency_p95_s DOUBLE,
    budget_usd DOUBLE,
    cost_usd DOUBLE,
    ended_because TEXT,
    created_at DATETIME NOT NULL,
    finished_at DATETIME,
    CONSTRAINT pk_load_test PRIMARY KEY (id),
    CONSTRAINT fk_load_test_study_id_study FOREIGN KEY(study_id) REFERENCES study (id) ON DELETE CASCADE,
    CONSTRAINT fk_load_test_model_id_model FOREIGN KEY(model_id) REFERENCES model (id) ON DELETE CASCADE
);
CREATE INDEX ix_load_test_model_id ON load_test (model_id);
CREATE INDEX ix_load_test_study_id ON load_test (study_id);
CREATE TABLE recommendation (
    id INTEGER NOT NULL,
    study_id INTEGER NOT NULL,
    run_id INTEGER NOT NULL,
    created_at DATETIME NOT NULL,
    report JSON NOT NULL,
    CONSTRAINT pk_recommendation PRIMARY KEY (id),
    CONSTRAINT fk_recommendation_study_id_study FOREIGN KEY(study_id) REFERENCES study (id) ON DELETE CASCADE,
    CONSTRAINT fk_recommendation_run_id_run FOREIGN KEY(run_id) REFERENCES run (id) ON DELETE CASCADE
);
CREATE INDEX ix_recommendation_run_id ON recommendation (run_id);
CREATE INDEX ix_recommendation_study_id ON recommendation (study_id);
CREATE TABLE rejection (
    id INTEGER NOT NULL,
    log_id INTEGER NOT NULL,
    "row" INTEGER NOT NULL,
    reason TEXT NOT NULL,
    CONSTRAINT pk_rejection PRIMARY KEY (id),
    CONSTRAINT fk_rejection_log_id_log FOREIGN KEY(log_id) REFERENCES log (id) ON DELETE CASCADE
);
CREATE INDEX ix_rejection_log_id ON rejection (log_id);
CREATE TABLE rubric (
    id INTEGER NOT NULL,
    use_case_id INTEGER NOT NULL,
    version INTEGER NOT NULL,
    questions JSON NOT NULL,
    created_at DATETIME NOT NULL,
    CONSTRAINT pk_rubric PRIMARY KEY (id),
    CONSTRAINT uq_rubric_use_case_id_version UNIQUE (use_case_id, version),
    CONSTRAINT fk_rubric_use_case_id_use_case FOREIGN KEY(use_case_id) REFERENCES use_case (id) ON DELETE CASCADE
);
CREATE INDEX ix_rubric_use_case_id ON rubric (use_case_id);
CREATE TABLE sample_group (
    id INTEGER NOT NULL,
    study_id INTEGER NOT NULL,
    use_case_id INTEGER,
    "key" VARCHAR NOT NULL,
    label VARCHAR,
    template TEXT NOT NULL,
    shape VARCHAR(32) NOT NULL,
    CONSTRAINT pk_sample_group PRIMARY KEY (id),
    CONSTRAINT uq_sample_group_study_id_key UNIQUE (study_id, "key"),
    CONSTRAINT fk_sample_group_study_id_study FOREIGN KEY(study_id) REFERENCES study (id) ON DELETE CASCADE,
    CONSTRAINT fk_sample_group_use_case_id_use_case FOREIGN KEY(use_case_id) REFERENCES use_case (id) ON DELETE CASCADE
);
CREATE INDEX ix_sample_group_use_case_id ON sample_group (use_case_id);
CREATE TABLE worker (
    owner VARCHAR NOT NULL,
    run_id INTEGER,
    outstanding_usd DOUBLE NOT NULL,
    beat_at DATETIME NOT NULL,
    CONSTRAINT pk_worker PRIMARY KEY (owner),
    CONSTRAINT fk_worker_run_id_run FOREIGN KEY(run_id) REFERENCES run (id) ON DELETE CASCADE
);
CREATE INDEX ix_worker_run_id ON worker (run_id);
CREATE TABLE load_step (
    load_test_id INTEGER NOT NULL,
    concurrency INTEGER NOT NULL,
    calls INTEGER NOT NULL,
    failed INTEGER NOT NULL,
    wall_s DOUBLE NOT NULL,
    requests_per_s DOUBLE NOT NULL,
    output_tokens_per_s DOUBLE,
    goodput_per_s DOUBLE NOT NULL,
    ttft_p50_s DOUBLE,
    ttft_p95_s DOUBLE,
    tpot_p50_s DOUBLE,
    latency_p50_s DOUBLE,
    latency_p95_s DOUBLE,
    loop_lag_p99_s DOUBLE,
    within_limits BOOLEAN NOT NULL,
    CONSTRAINT pk_load_step PRIMARY KEY (load_test_id, concurrency),
    CONSTRAINT fk_load_step_load_test_id_load_test FOREIGN KEY(load_test_id) REFERENCES load_test (id) ON DELETE CASCADE
);
CREATE TABLE sample (
    id INTEGER NOT NULL,
    study_id INTEGER NOT NULL,
    log_id INTEGER NOT NULL,
    group_id INTEGER NOT NULL,
    digest VARCHAR NOT NULL,
    request_digest VARCHAR NOT NULL,
    near_digest VARCHAR NOT NULL,
    external_id VARCHAR,
    session VARCHAR,
    model VARCHAR,
    input_tokens INTEGER,
    cache_read_tokens INTEGER,
    cache_write_tokens INTEGER,
    output_tokens INTEGER,
    reasoning_tokens INTEGER,
    logged_cost_usd DOUBLE,
    cost_usd DOUBLE,
    price_source VARCHAR,
    latency_s DOUBLE,
    ttft_s DOUBLE,
    at DATETIME,
    has_answer BOOLEAN NOT NULL,
    has_target BOOLEAN NOT NULL,
    error TEXT,
    not_replayable TEXT,
    CONSTRAINT pk_sample PRIMARY KEY (id),
    CONSTRAINT uq_sample_study_id_digest UNIQUE (study_id, digest),
    CONSTRAINT fk_sample_study_id_study FOREIGN KEY(study_id) REFERENCES study (id) ON DELETE CASCADE,
    CONSTRAINT fk_sample_log_id_log FOREIGN KEY(log_id) REFERENCES log (id) ON DELETE CASCADE,
    CONSTRAINT fk_sample_group_id_sample_group FOREIGN KEY(group_id) REFERENCES sample_group (id) ON DELETE CASCADE
);
CREATE INDEX ix_sample_group_id ON sample (group_id);
CREATE INDEX ix_sample_log_id ON sample (log_id);
CREATE TABLE traffic (
    id INTEGER NOT NULL,
    log_id INTEGER NOT NULL,
    hour DATETIME,
    group_id INTEGER NOT NULL,
    model VARCHAR,
    first_at DATETIME,
    last_at DATETIME,
    calls INTEGER NOT NULL,
    failed INTEGER NOT NULL,
    not_replayable INTEGER NOT NULL,
    with_answer INTEGER NOT NULL,
    with_target INTEGER NOT NULL,
    with_usage INTEGER NOT NULL,
    input_tokens INTEGER NOT NULL,
    cache_read_tokens INTEGER NOT NULL,
    cache_write_tokens INTEGER NOT NULL,
    output_tokens INTEGER NOT NULL,
    reasoning_tokens INTEGER NOT NULL,
    priced INTEGER NOT NULL,
    cost_usd DOUBLE NOT NULL,
    CONSTRAINT pk_traffic PRIMARY KEY (id),
    CONSTRAINT fk_traffic_log_id_log FOREIGN KEY(log_id) REFERENCES log (id) ON DELETE CASCADE,
    CONSTRAINT fk_traffic_group_id_sample_group FOREIGN KEY(group_id) REFERENCES sample_group (id) ON DELETE CASCADE
);
CREATE INDEX ix_traffic_group_id ON traffic (group_id);
CREATE INDEX ix_traffic_log_id ON traffic (log_id);
CREATE TABLE generation (
    id INTEGER NOT NULL,
    run_id INTEGER NOT NULL,
    sample_id INTEGER NOT NULL,
    lane VARCHAR(32) NOT NULL,
    model_id INTEGER NOT NULL,
    epoch INTEGER NOT NULL,
    subject VARCHAR NOT NULL,
    input_tokens INTEGER,
    cache_read_tokens INTEGER,
    cache_write_tokens INTEGER,
    output_tokens INTEGER,
    reasoning_tokens INTEGER,
    cost_usd DOUBLE,
    price_source VARCHAR,
    ttft_s DOUBLE,
    latency_s DOUBLE,
    waited_s DOUBLE NOT NULL,
    attempts INTEGER NOT NULL,
    failure VARCHAR(32),
    error TEXT,
    finish_reason VARCHAR,
    dropped_params VARCHAR,
    at DATETIME NOT NULL,
    call_digest VARCHAR,
    reused BOOLEAN,
    CONSTRAINT pk_generation PRIMARY KEY (id),
    CONSTRAINT uq_generation_run_id_sample_id_lane_model_id_epoch_subject UNIQUE (run_id, sample_id, lane, model_id, epoch, subject),
    CONSTRAINT fk_generation_run_id_run FOREIGN KEY(run_id) REFERENCES run (id) ON DELETE CASCADE,
    CONSTRAINT fk_generation_sample_id_sample FOREIGN KEY(sample_id) REFERENCES sample (id) ON DELETE CASCADE,
    CONSTRAINT fk_generation_model_id_model FOREIGN KEY(model_id) REFERENCES model (id) ON DELETE CASCADE
);
CREATE INDEX ix_generation_call_digest ON generation (call_digest);
CREATE INDEX ix_generation_model_id ON generation (model_id);
CREATE INDEX ix_generation_run_id_lane_model_id ON generation (run_id, lane, model_id);
CREATE INDEX ix_generation_sample_id ON generation (sample_id);
CREATE TABLE judgement (
    id INTEGER NOT NULL,
    run_id INTEGER NOT NULL,
    sample_id INTEGER NOT NULL,
    model_id INTEGER NOT NULL,
    judge_id INTEGER NOT NULL,
    candidate_first BOOLEAN NOT NULL,
    preference VARCHAR(32) NOT NULL,
    reason TEXT NOT NULL,
    parsed BOOLEAN NOT NULL,
    prompt_version VARCHAR NOT NULL,
    CONSTRAINT pk_judgement PRIMARY KEY (id),
    CONSTRAINT uq_judgement_run_id_sample_id_model_id_judge_id_candidate_first UNIQUE (run_id, sample_id, model_id, judge_id, candidate_first),
    CONSTRAINT fk_judgement_run_id_run FOREIGN KEY(run_id) REFERENCES run (id) ON DELETE CASCADE,
    CONSTRAINT fk_judgement_sample_id_sample FOREIGN KEY(sample_id) REFERENCES sample (id) ON DELETE CASCADE,
    CONSTRAINT fk_judgement_model_id_model FOREIGN KEY(model_id) REFERENCES model (id) ON DELETE CASCADE,
    CONSTRAINT fk_judgement_judge_id_model FOREIGN KEY(judge_id) REFERENCES model (id) ON DELETE CASCADE
);
CREATE INDEX ix_judgement_judge_id ON judgement (judge_id);
CREATE INDEX ix_judgement_model_id ON judgement (model_id);
CREATE INDEX ix_judgement_sample_id ON judgement (sample_id);
CREATE TABLE review (
    id INTEGER NOT NULL,
    run_id INTEGER NOT NULL,
    sample_id INTEGER NOT NULL,
    model_id INTEGER NOT NULL,
    preference VARCHAR(32) NOT NULL,
    reviewer VARCHAR NOT NULL,
    at DATETIME NOT NULL,
    picked BOOLEAN,
    CONSTRAINT pk_review PRIMARY KEY (id),
    CONSTRAINT uq_review_run_id_sample_id_model_id_reviewer UNIQUE (run_id, sample_id, model_id, reviewer),
    CONSTRAINT fk_review_run_id_run FOREIGN KEY(run_id) REFERENCES run (id) ON DELETE CASCADE,
    CONSTRAINT fk_review_sample_id_sample FOREIGN KEY(sample_id) REFERENCES sample (id) ON DELETE CASCADE,
    CONSTRAINT fk_review_model_id_model FOREIGN KEY(model_id) REFERENCES model (id) ON DELETE CASCADE
);
CREATE INDEX ix_review_model_id ON review (model_id);
CREATE INDEX ix_review_sample_id ON review (sample_id);
CREATE TABLE run_sample (
    run_id INTEGER NOT NULL,
    sample_id INTEGER NOT NULL,
    CONSTRAINT pk_run_sample PRIMARY KEY (run_id, sample_id),
    CONSTRAINT fk_run_sample_run_id_run FOREIGN KEY(run_id) REFERENCES run (id) ON DELETE CASCADE,
    CONSTRAINT fk_run_sample_sample_id_sample FOREIGN KEY(sample_id) REFERENCES sample (id) ON DELETE CASCADE
);
CREATE TABLE sample_text (
    sample_id INTEGER NOT NULL,
    request JSON NOT NULL,
    answer JSON NOT NULL,
    target JSON NOT NULL,
    CONSTRAINT pk_sample_text PRIMARY KEY (sample_id),
    CONSTRAINT fk_sample_text_sample_id_sample FOREIGN KEY(sample_id) REFERENCES sample (id) ON DELETE CASCADE
);
CREATE TABLE score (
    id INTEGER NOT NULL,
    run_id INTEGER NOT NULL,
    sample_id INTEGER NOT NULL,
    model_id INTEGER NOT NULL,
    scorer VARCHAR NOT NULL,
    value DOUBLE,
    passed BOOLEAN,
    explanation TEXT NOT NULL,
    CONSTRAINT pk_score PRIMARY KEY (id),
    CONSTRAINT uq_score_run_id_sample_id_model_id_scorer UNIQUE (run_id, sample_id, model_id, scorer),
    CONSTRAINT fk_score_run_id_run FOREIGN KEY(run_id) REFERENCES run (id) ON DELETE CASCADE,
    CONSTRAINT fk_score_sample_id_sample FOREIGN KEY(sample_id) REFERENCES sample (id) ON DELETE CASCADE
);
CREATE INDEX ix_score_sample_id ON score (sample_id);
CREATE TABLE generation_text (
    generation_id INTEGER NOT NULL,
    text TEXT,
    tool_calls JSON NOT NULL,
    CONSTRAINT pk_generation_text PRIMARY KEY (generation_id),
    CONSTRAINT fk_generation_text_generation_id_generation FOREIGN KEY(generation_id) REFERENCES generation (id) ON DELETE CASCADE
);
