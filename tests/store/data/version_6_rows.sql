INSERT INTO study (id, name, created_at, is_sample, traffic_share, confidence) VALUES
(1, 'Support''s', '2026-11-25 04:59:02.988070', FALSE, 0.5, 0.95),
(2, 'Mail', '2026-11-25 04:59:03.128220', FALSE, 1.0, 0.95);
INSERT INTO job (id, study_id, kind, status, arguments, progress, result, owner, heartbeat_at, created_at, finished_at) VALUES
(1, 1, 'replay', 'succeeded', '{"run": 1}', '', '{"calls": 5}', 'w:1', '2026-11-25 04:59:03.737381', '2026-11-25 04:59:03.736488', '2026-11-25 04:59:03.740187');
INSERT INTO log (id, study_id, name, format, redacted, rows, accepted, duplicates, not_replayable, rejected, redactions, imported_at, complete, fingerprint) VALUES
(1, 1, 'version_6_log.jsonl', 'openai_chat', FALSE, 22, 21, 0, 1, 1, '{}', '2026-11-25 04:59:02.995430', TRUE, ''),
(3, 2, 'mails.jsonl', 'openai_chat', TRUE, 6, 6, 0, 0, 0, '{"EMAIL": 6}', '2026-11-25 04:59:03.128990', TRUE, '');
INSERT INTO model (id, study_id, name, role, litellm_id, params, licence, illustrative, probe) VALUES
(1, 1, 'M', 'candidate', 'openai/m', '{"temperature": 0}', 'MIT', FALSE, 'null'),
(2, 1, 'J', 'judge', 'openai/j', '{}', NULL, FALSE, 'null');
INSERT INTO run (id, study_id, status, seed, epochs, sample_size, baseline_lane, baseline, concurrency, stream, judged, planned, planned_judge, models, created_at, started_at, finished_at, asked_again, notices) VALUES
(1, 1, 'succeeded', 1, 1, 5, 'recorded', 'recorded', 4, TRUE, TRUE, 5, 2, '[1, 2]', '2026-11-25 04:59:03.721361', '2026-11-04 12:00:00.000000', '2026-11-04 12:00:00.000000', 0, '[]');
INSERT INTO use_case (id, study_id, name, description, kind, endpoint, margin, ignored) VALUES
(1, 1, 'Ticket sorting', '', 'classification', 'target', 0.02, FALSE),
(3, 1, 'Refunds', '', 'tool_use', NULL, NULL, FALSE),
(5, 2, 'Mail', '', 'chat', NULL, NULL, FALSE);
INSERT INTO recommendation (id, study_id, run_id, created_at, report) VALUES
(1, 1, 1, '2026-11-25 04:59:03.735621', '{"recommendation": {"verdict": "keep"}}');
INSERT INTO rejection (id, log_id, row, reason) VALUES
(1, 1, 22, 'no prompt found; its keys are: nothing. If one holds the prompt, name it with --columns or on the page');
INSERT INTO sample_group (id, study_id, use_case_id, "key", label, template, shape) VALUES
(1, 1, 1, 'chat
triage
', 'Triage', '', 'chat'),
(2, 1, 1, 'chat
sorting
', 'sorting', '', 'chat'),
(3, 1, 3, 'chat
refunds
', 'Refunds', '', 'chat'),
(5, 2, 5, 'chat
mail
', 'Mail', '', 'chat');
INSERT INTO sample (id, study_id, log_id, group_id, digest, request_digest, near_digest, session, model, input_tokens, cache_read_tokens, cache_write_tokens, output_tokens, reasoning_tokens, cost_usd, price_source, latency_s, at, has_answer, has_target, error, not_replayable) VALUES
(1, 1, 1, 1, '1cdfa4f6ea51dfd3428ab03e780d91d1', '00d04351f8ad1abb72ec07e076f6174c515d2b05e8d578d05d27a7a5029ebd25', 'a7cf27f54d', NULL, 'gpt-4o', 60, 40, 0, 5, 0, 0.00025, 'genai-prices 0.2.3', 0.31, '2026-11-01 09:10:30.500000', TRUE, TRUE, NULL, NULL),
(2, 1, 1, 1, '1fd1ac6781a8116b4b3cfb882d375e6b', '9b9c008a461a47dcba47beee2c65659056fec9ce0621d29a45fb586a4b95fdac', 'a7cf27f54d', NULL, 'gpt-4o', 60, 40, 0, 5, 0, 0.00025, 'genai-prices 0.2.3', 0.31, '2026-11-02 10:11:30.500000', TRUE, TRUE, NULL, NULL),
(3, 1, 1, 1, '45efd1668240651b34191efe1e1e0263', '9bbaf1181cc4a82a3970b56d730f30b34ba364e493a1610707c2be6529a6627a', 'a7cf27f54d', NULL, 'gpt-4o', 60, 40, 0, 5, 0, 0.00025, 'genai-prices 0.2.3', 0.31, '2026-11-03 11:12:30.500000', TRUE, TRUE, NULL, NULL),
(4, 1, 1, 1, '47ba967d77ac6464cb5fbfd085309a24', 'eb0af6c7c461867f7a504108cb68679dbe206b14dc24df460235917564baf9e6', 'a7cf27f54d', NULL, 'gpt-4o', 60, 40, 0, 5, 0, 0.00025, 'genai-prices 0.2.3', 0.31, '2026-11-01 12:13:30.500000', TRUE, TRUE, NULL, NULL),
(5, 1, 1, 1, '45815891e3cf5270acdbc3eb793ff78d', '26b13ca0908823215232fc188c09ee58104a0957c7af9243cee4ebd303228c32', 'a7cf27f54d', NULL, 'gpt-4o', 60, 40, 0, 5, 0, 0.00025, 'genai-prices 0.2.3', 0.31, '2026-11-02 09:14:30.500000', TRUE, TRUE, NULL, NULL),
(6, 1, 1, 1, '2832f54b702f03b2164212b297626a6c', '72fab0e07e1ce41da268714ac97ee839d273562f75c3d1734a634b085e72c36e', 'dcbb23713e', NULL, 'gpt-4o', 60, 40, 0, 5, 0, 0.00025, 'genai-prices 0.2.3', 0.31, NULL, TRUE, FALSE, NULL, NULL),
(7, 1, 1, 1, 'b549ab7c3282db9a623a2b0cf011bd5f', '72fab0e07e1ce41da268714ac97ee839d273562f75c3d1734a634b085e72c36e', 'dcbb23713e', NULL, 'gpt-4o', 60, 40, 0, 5, 0, 0.00025, 'genai-prices 0.2.3', 0.31, NULL, TRUE, FALSE, NULL, NULL),
(8, 1, 1, 1, 'f2b89ce611697e0dad1b99bd941e9a3d', '72fab0e07e1ce41da268714ac97ee839d273562f75c3d1734a634b085e72c36e', 'dcbb23713e', NULL, 'gpt-4o', 60, 40, 0, 5, 0, 0.00025, 'genai-prices 0.2.3', 0.31, NULL, TRUE, FALSE, NULL, NULL),
(9, 1, 1, 1, 'a763482452e6d64477533e56fc37c09a', '33816b6da86427b186ed0bca5acc2bcdc64a2e6e4aa64d928dba1c858a18873b', 'ec7c23be44', NULL, 'gpt-4o', 60, 40, 0, 5, 0, 0.00025, 'genai-prices 0.2.3', 0.31, '2026-11-01 09:10:30.500000', TRUE, FALSE, NULL, NULL),
(10, 1, 1, 1, '64500ef177df6481657e951c0895bb99', '02ef42f59506dc09e52a1a8547a041b5f4daf178b0c35a440c61e539b10693f9', 'ec7c23be44', NULL, 'gpt-4o', 60, 40, 0, 5, 0, 0.00025, 'genai-prices 0.2.3', 0.31, '2026-11-02 10:11:30.500000', TRUE, FALSE, NULL, NULL),
(11, 1, 1, 1, '06a2d022150f6b7ed7d2a38af16dc4f2', '401ee696e6a04d3f66a4e4e02fda67197c3e9b0342f33b1469fef80733b76e4b', 'ec7c23be44', NULL, 'gpt-4o', 60, 40, 0, 5, 0, 0.00025, 'genai-prices 0.2.3', 0.31, '2026-11-03 11:12:30.500000', TRUE, FALSE, NULL, NULL),
(12, 1, 1, 1, '5972b5a89be5768ddf6247c7e0ea3da2', 'f94f3ffedf66473a13209b4c71e50b5277f4fa37e1ef9837cad53f725af6e414', 'ec7c23be44', NULL, 'gpt-4o', 60, 40, 0, 5, 0, 0.00025, 'genai-prices 0.2.3', 0.31, '2026-11-01 12:13:30.500000', TRUE, FALSE, NULL, NULL),
(13, 1, 1, 1, '36ef8ea7bb31a1fd8f2d0004e014623f', 'e5829adb12272a1edc0de556726b8d630ca21caab0f6eba95332451ff95bf011', 'ec7c23be44', NULL, 'gpt-4o', 60, 40, 0, 5, 0, 0.00025, 'genai-prices 0.2.3', 0.31, '2026-11-02 09:14:30.500000', TRUE, FALSE, NULL, NULL),
(14, 1, 1, 1, '92ccca088914bac88c24d1f7be056a8e', '8a7a173f1f405c02f358625916f9fb996ff669b498ee19a8bd9a7c1ea0a3ae24', 'ec7c23be44', NULL, 'gpt-4o', 60, 40, 0, 5, 0, 0.00025, 'genai-prices 0.2.3', 0.31, '2026-11-03 10:15:30.500000', TRUE, FALSE, NULL, NULL),
(15, 1, 1, 3, '7325dcc2035b59140e3a8c9c8fca4f58', '08bca73c7facc377b4f8b12d583036c0c48dc142268c621a58d1f594bf15054e', '804dab2048', 's0', 'gpt-4o', 60, 40, 0, 5, 0, 0.00025, 'genai-prices 0.2.3', 0.31, '2026-11-01 09:10:30.500000', TRUE, FALSE, NULL, NULL),
(16, 1, 1, 3, 'b184d9404e7a19f254261cafeabf74eb', 'ae7868efe1e6bb2b765fb50e89abcdfddbfc6602895c31dd8157ba3be82c5e09', '804dab2048', 's1', 'gpt-4o', 60, 40, 0, 5, 0, 0.00025, 'genai-prices 0.2.3', 0.31, '2026-11-02 10:11:30.500000', TRUE, FALSE, NULL, NULL),
(17, 1, 1, 3, '3a2480531a8baa27834054e48f9cf816', '6b6d33ce84e83e0215aec96b33be58bd0608a2473d87f63437ee678d2fc21ed2', '804dab2048', 's0', 'gpt-4o', 60, 40, 0, 5, 0, 0.00025, 'genai-prices 0.2.3', 0.31, '2026-11-03 11:12:30.500000', TRUE, FALSE, NULL, NULL),
(18, 1, 1, 3, '94e96032c578cc7d5f94fc004c2db527', '737c0f9371bb9141a266c8de2ef91beb1f962116537ec0938b66d607d4662e79', '804dab2048', 's1', 'gpt-4o', 60, 40, 0, 5, 0, 0.00025, 'genai-prices 0.2.3', 0.31, '2026-11-01 12:13:30.500000', TRUE, FALSE, NULL, NULL),
(19, 1, 1, 3, '653dc9f2f0ce273da554b5ffc96411b3', 'da275acc89cde94d8a6f1ecd29bb927e0c8515cc8381a2a351930e5b71f47d2a', '804dab2048', 's0', 'gpt-4o', 60, 40, 0, 5, 0, 0.00025, 'genai-prices 0.2.3', 0.31, '2026-11-02 09:14:30.500000', TRUE, FALSE, NULL, NULL),
(20, 1, 1, 3, '3ae72a11c42826d242e1c91fa5ba391b', 'bb57a0e796db5d9f61654fa4e679bf2aa9e83a6751ac6fb7ec2504aaf04c39b4', 'f9cb11a642', NULL, 'gpt-4o', NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0.31, '2026-11-03 10:15:30.500000', FALSE, FALSE, '503 overloaded', NULL),
(21, 1, 1, 3, '9ac68890ad1a67997012e2ce695de76c', '9517e6a6035d8b65c17976859d32bbe66e7d2713b8dfb8ff263aef6056cdc91f', '033ccb7263', NULL, 'gpt-4o', 60, 40, 0, 5, 0, 0.00025, 'genai-prices 0.2.3', 0.31, '2026-11-01 11:16:30.500000', TRUE, FALSE, NULL, 'an image is linked by a URL that may have expired'),
(34, 2, 3, 5, '9068339711d4bc35a5588382b86a1146', '62c99c81d44c77d0e242f266d61f0b73e32e069d221630bba7d716042280f054', '1aef927f54', NULL, 'gpt-4o', 60, 40, 0, 5, 0, 0.00025, 'genai-prices 0.2.3', 0.31, '2026-11-01 09:10:30.500000', TRUE, FALSE, NULL, NULL),
(35, 2, 3, 5, 'ab24e747851f554a21eac2f4e41034b5', '62c99c81d44c77d0e242f266d61f0b73e32e069d221630bba7d716042280f054', '1aef927f54', NULL, 'gpt-4o', 60, 40, 0, 5, 0, 0.00025, 'genai-prices 0.2.3', 0.31, '2026-11-02 10:11:30.500000', TRUE, FALSE, NULL, NULL),
(36, 2, 3, 5, '436ac908c88c5ca4a0b1bb0263e4a7e9', '62c99c81d44c77d0e242f266d61f0b73e32e069d221630bba7d716042280f054', '1aef927f54', NULL, 'gpt-4o', 60, 40, 0, 5, 0, 0.00025, 'genai-prices 0.2.3', 0.31, '2026-11-03 11:12:30.500000', TRUE, FALSE, NULL, NULL),
(37, 2, 3, 5, 'b948b3db22761ee4ebb1fd936f5cf354', '62c99c81d44c77d0e242f266d61f0b73e32e069d221630bba7d716042280f054', '1aef927f54', NULL, 'gpt-4o', 60, 40, 0, 5, 0, 0.00025, 'genai-prices 0.2.3', 0.31, '2026-11-01 12:13:30.500000', TRUE, FALSE, NULL, NULL),
(38, 2, 3, 5, '9a4c6ba9f3495e00505dcf8f6fc5a525', '62c99c81d44c77d0e242f266d61f0b73e32e069d221630bba7d716042280f054', '1aef927f54', NULL, 'gpt-4o', 60, 40, 0, 5, 0, 0.00025, 'genai-prices 0.2.3', 0.31, '2026-11-02 09:14:30.500000', TRUE, FALSE, NULL, NULL),
(39, 2, 3, 5, '162b9116ab127b950e5c74646bd03bfe', '62c99c81d44c77d0e242f266d61f0b73e32e069d221630bba7d716042280f054', '1aef927f54', NULL, 'gpt-4o', 60, 40, 0, 5, 0, 0.00025, 'genai-prices 0.2.3', 0.31, '2026-11-03 10:15:30.500000', TRUE, FALSE, NULL, NULL);
INSERT INTO traffic (id, log_id, hour, group_id, model, first_at, last_at, calls, failed, not_replayable, with_answer, with_target, with_usage, input_tokens, cache_read_tokens, cache_write_tokens, output_tokens, reasoning_tokens, priced, cost_usd) VALUES
(1, 1, NULL, 1, 'gpt-4o', NULL, NULL, 3, 0, 0, 3, 0, 3, 180, 120, 0, 15, 0, 3, 0.00075),
(2, 1, '2026-11-01 09:00:00.000000', 1, 'gpt-4o', '2026-11-01 09:10:30.500000', '2026-11-01 09:10:30.500000', 2, 0, 0, 2, 1, 2, 120, 80, 0, 10, 0, 2, 0.0005),
(3, 1, '2026-11-01 09:00:00.000000', 3, 'gpt-4o', '2026-11-01 09:10:30.500000', '2026-11-01 09:10:30.500000', 1, 0, 0, 1, 0, 1, 60, 40, 0, 5, 0, 1, 0.00025),
(4, 1, '2026-11-01 11:00:00.000000', 3, 'gpt-4o', '2026-11-01 11:16:30.500000', '2026-11-01 11:16:30.500000', 1, 0, 1, 1, 0, 1, 60, 40, 0, 5, 0, 1, 0.00025),
(5, 1, '2026-11-01 12:00:00.000000', 1, 'gpt-4o', '2026-11-01 12:13:30.500000', '2026-11-01 12:13:30.500000', 2, 0, 0, 2, 1, 2, 120, 80, 0, 10, 0, 2, 0.0005),
(6, 1, '2026-11-01 12:00:00.000000', 3, 'gpt-4o', '2026-11-01 12:13:30.500000', '2026-11-01 12:13:30.500000', 1, 0, 0, 1, 0, 1, 60, 40, 0, 5, 0, 1, 0.00025),
(7, 1, '2026-11-02 09:00:00.000000', 1, 'gpt-4o', '2026-11-02 09:14:30.500000', '2026-11-02 09:14:30.500000', 2, 0, 0, 2, 1, 2, 120, 80, 0, 10, 0, 2, 0.0005),
(8, 1, '2026-11-02 09:00:00.000000', 3, 'gpt-4o', '2026-11-02 09:14:30.500000', '2026-11-02 09:14:30.500000', 1, 0, 0, 1, 0, 1, 60, 40, 0, 5, 0, 1, 0.00025),
(9, 1, '2026-11-02 10:00:00.000000', 1, 'gpt-4o', '2026-11-02 10:11:30.500000', '2026-11-02 10:11:30.500000', 2, 0, 0, 2, 1, 2, 120, 80, 0, 10, 0, 2, 0.0005),
(10, 1, '2026-11-02 10:00:00.000000', 3, 'gpt-4o', '2026-11-02 10:11:30.500000', '2026-11-02 10:11:30.500000', 1, 0, 0, 1, 0, 1, 60, 40, 0, 5, 0, 1, 0.00025),
(11, 1, '2026-11-03 10:00:00.000000', 1, 'gpt-4o', '2026-11-03 10:15:30.500000', '2026-11-03 10:15:30.500000', 1, 0, 0, 1, 0, 1, 60, 40, 0, 5, 0, 1, 0.00025),
(12, 1, '2026-11-03 10:00:00.000000', 3, 'gpt-4o', '2026-11-03 10:15:30.500000', '2026-11-03 10:15:30.500000', 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0.0),
(13, 1, '2026-11-03 11:00:00.000000', 1, 'gpt-4o', '2026-11-03 11:12:30.500000', '2026-11-03 11:12:30.500000', 2, 0, 0, 2, 1, 2, 120, 80, 0, 10, 0, 2, 0.0005),
(14, 1, '2026-11-03 11:00:00.000000', 3, 'gpt-4o', '2026-11-03 11:12:30.500000', '2026-11-03 11:12:30.500000', 1, 0, 0, 1, 0, 1, 60, 40, 0, 5, 0, 1, 0.00025),
(21, 3, '2026-11-01 09:00:00.000000', 5, 'gpt-4o', '2026-11-01 09:10:30.500000', '2026-11-01 09:10:30.500000', 1, 0, 0, 1, 0, 1, 60, 40, 0, 5, 0, 1, 0.00025),
(22, 3, '2026-11-01 12:00:00.000000', 5, 'gpt-4o', '2026-11-01 12:13:30.500000', '2026-11-01 12:13:30.500000', 1, 0, 0, 1, 0, 1, 60, 40, 0, 5, 0, 1, 0.00025),
(23, 3, '2026-11-02 09:00:00.000000', 5, 'gpt-4o', '2026-11-02 09:14:30.500000', '2026-11-02 09:14:30.500000', 1, 0, 0, 1, 0, 1, 60, 40, 0, 5, 0, 1, 0.00025),
(24, 3, '2026-11-02 10:00:00.000000', 5, 'gpt-4o', '2026-11-02 10:11:30.500000', '2026-11-02 10:11:30.500000', 1, 0, 0, 1, 0, 1, 60, 40, 0, 5, 0, 1, 0.00025),
(25, 3, '2026-11-03 10:00:00.000000', 5, 'gpt-4o', '2026-11-03 10:15:30.500000', '2026-11-03 10:15:30.500000', 1, 0, 0, 1, 0, 1, 60, 40, 0, 5, 0, 1, 0.00025),
(26, 3, '2026-11-03 11:00:00.000000', 5, 'gpt-4o', '2026-11-03 11:12:30.500000', '2026-11-03 11:12:30.500000', 1, 0, 0, 1, 0, 1, 60, 40, 0, 5, 0, 1, 0.00025);
INSERT INTO generation (id, run_id, sample_id, lane, model_id, epoch, subject, input_tokens, cache_read_tokens, cache_write_tokens, output_tokens, reasoning_tokens, cost_usd, latency_s, waited_s, attempts, failure, error, at) VALUES
(1, 1, 1, 'candidate', 1, 1, '', 3, 0, 0, 2, 0, 0.5, 0.2, 0.0, 1, NULL, NULL, '2026-11-04 12:00:00.000000'),
(2, 1, 2, 'candidate', 1, 1, '', 3, 0, 0, 2, 0, 0.5, 0.2, 0.0, 1, NULL, NULL, '2026-11-04 12:00:00.000000'),
(3, 1, 3, 'candidate', 1, 1, '', 3, 0, 0, 2, 0, 0.5, 0.2, 0.0, 1, NULL, NULL, '2026-11-04 12:00:00.000000'),
(4, 1, 4, 'candidate', 1, 1, '', NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0.0, 1, 'server', '500', '2026-11-04 12:00:00.000000'),
(5, 1, 1, 'judge', 2, 1, '1:candidate', NULL, NULL, NULL, NULL, NULL, 0.25, NULL, 0.0, 1, NULL, NULL, '2026-11-04 12:00:00.000000');
INSERT INTO judgement (id, run_id, sample_id, model_id, judge_id, candidate_first, preference, reason, parsed, prompt_version) VALUES
(1, 1, 1, 1, 2, TRUE, 'tie', 'equal', TRUE, '1');
INSERT INTO review (id, run_id, sample_id, model_id, preference, reviewer, at) VALUES
(1, 1, 1, 1, 'candidate', 'Ann', '2026-11-25 04:59:03.734775');
INSERT INTO run_sample (run_id, sample_id) VALUES
(1, 1),
(1, 2),
(1, 3),
(1, 4),
(1, 5);
INSERT INTO sample_text (sample_id, request, answer, target) VALUES
(1, '{"messages": [{"role": "system", "content": "Sort the ticket \u2014 in one word."}, {"role": "user", "content": "Ticket 0: the bill is wrong"}], "params": {"temperature": 0, "max_tokens": 20}}', '{"text": "billing", "tool_calls": [], "finish_reason": "stop"}', '"billing"'),
(2, '{"messages": [{"role": "system", "content": "Sort the ticket \u2014 in one word."}, {"role": "user", "content": "Ticket 1: the bill is wrong"}], "params": {"temperature": 0, "max_tokens": 20}}', '{"text": "billing", "tool_calls": [], "finish_reason": "stop"}', '"billing"'),
(3, '{"messages": [{"role": "system", "content": "Sort the ticket \u2014 in one word."}, {"role": "user", "content": "Ticket 2: the bill is wrong"}], "params": {"temperature": 0, "max_tokens": 20}}', '{"text": "billing", "tool_calls": [], "finish_reason": "stop"}', '"billing"'),
(4, '{"messages": [{"role": "system", "content": "Sort the ticket \u2014 in one word."}, {"role": "user", "content": "Ticket 3: the bill is wrong"}], "params": {"temperature": 0, "max_tokens": 20}}', '{"text": "billing", "tool_calls": [], "finish_reason": "stop"}', '"billing"'),
(5, '{"messages": [{"role": "system", "content": "Sort the ticket \u2014 in one word."}, {"role": "user", "content": "Ticket 4: the bill is wrong"}], "params": {"temperature": 0, "max_tokens": 20}}', '{"text": "billing", "tool_calls": [], "finish_reason": "stop"}', '"billing"'),
(6, '{"messages": [{"role": "system", "content": "Sort the ticket \u2014 in one word."}, {"role": "user", "content": "Hello?"}], "params": {"temperature": 0, "max_tokens": 20}}', '{"text": "other", "tool_calls": [], "finish_reason": "stop"}', 'null'),
(7, '{"messages": [{"role": "system", "content": "Sort the ticket \u2014 in one word."}, {"role": "user", "content": "Hello?"}], "params": {"temperature": 0, "max_tokens": 20}}', '{"text": "other", "tool_calls": [], "finish_reason": "stop"}', 'null'),
(8, '{"messages": [{"role": "system", "content": "Sort the ticket \u2014 in one word."}, {"role": "user", "content": "Hello?"}], "params": {"temperature": 0, "max_tokens": 20}}', '{"text": "other", "tool_calls": [], "finish_reason": "stop"}', 'null'),
(9, '{"messages": [{"role": "system", "content": "Sort the ticket \u2014 in one word."}, {"role": "user", "content": "Ticket 0: crash"}], "params": {"temperature": 0, "max_tokens": 20}}', '{"text": "bug", "tool_calls": [], "finish_reason": "stop"}', 'null'),
(10, '{"messages": [{"role": "system", "content": "Sort the ticket \u2014 in one word."}, {"role": "user", "content": "Ticket 1: crash"}], "params": {"temperature": 0, "max_tokens": 20}}', '{"text": "bug", "tool_calls": [], "finish_reason": "stop"}', 'null'),
(11, '{"messages": [{"role": "system", "content": "Sort the ticket \u2014 in one word."}, {"role": "user", "content": "Ticket 2: crash"}], "params": {"temperature": 0, "max_tokens": 20}}', '{"text": "bug", "tool_calls": [], "finish_reason": "stop"}', 'null'),
(12, '{"messages": [{"role": "system", "content": "Sort the ticket \u2014 in one word."}, {"role": "user", "content": "Ticket 3: crash"}], "params": {"temperature": 0, "max_tokens": 20}}', '{"text": "bug", "tool_calls": [], "finish_reason": "stop"}', 'null'),
(13, '{"messages": [{"role": "system", "content": "Sort the ticket \u2014 in one word."}, {"role": "user", "content": "Ticket 4: crash"}], "params": {"temperature": 0, "max_tokens": 20}}', '{"text": "bug", "tool_calls": [], "finish_reason": "stop"}', 'null'),
(14, '{"messages": [{"role": "system", "content": "Sort the ticket \u2014 in one word."}, {"role": "user", "content": "Ticket 5: crash"}], "params": {"temperature": 0, "max_tokens": 20}}', '{"text": "bug", "tool_calls": [], "finish_reason": "stop"}', 'null'),
(15, '{"messages": [{"role": "system", "content": "Sort the ticket \u2014 in one word."}, {"role": "user", "content": "Give me back order 0"}], "params": {"temperature": 0, "max_tokens": 20, "tools": [{"type": "function", "function": {"name": "refund", "parameters": {"type": "object", "properties": {"id": {"type": "string"}}}}}]}}', '{"text": null, "tool_calls": [{"name": "refund", "arguments": "{\"id\": \"0\"}"}], "finish_reason": "tool_calls"}', 'null'),
(16, '{"messages": [{"role": "system", "content": "Sort the ticket \u2014 in one word."}, {"role": "user", "content": "Give me back order 1"}], "params": {"temperature": 0, "max_tokens": 20, "tools": [{"type": "function", "function": {"name": "refund", "parameters": {"type": "object", "properties": {"id": {"type": "string"}}}}}]}}', '{"text": null, "tool_calls": [{"name": "refund", "arguments": "{\"id\": \"1\"}"}], "finish_reason": "tool_calls"}', 'null'),
(17, '{"messages": [{"role": "system", "content": "Sort the ticket \u2014 in one word."}, {"role": "user", "content": "Give me back order 2"}], "params": {"temperature": 0, "max_tokens": 20, "tools": [{"type": "function", "function": {"name": "refund", "parameters": {"type": "object", "properties": {"id": {"type": "string"}}}}}]}}', '{"text": null, "tool_calls": [{"name": "refund", "arguments": "{\"id\": \"2\"}"}], "finish_reason": "tool_calls"}', 'null'),
(18, '{"messages": [{"role": "system", "content": "Sort the ticket \u2014 in one word."}, {"role": "user", "content": "Give me back order 3"}], "params": {"temperature": 0, "max_tokens": 20, "tools": [{"type": "function", "function": {"name": "refund", "parameters": {"type": "object", "properties": {"id": {"type": "string"}}}}}]}}', '{"text": null, "tool_calls": [{"name": "refund", "arguments": "{\"id\": \"3\"}"}], "finish_reason": "tool_calls"}', 'null'),
(19, '{"messages": [{"role": "system", "content": "Sort the ticket \u2014 in one word."}, {"role": "user", "content": "Give me back order 4"}], "params": {"temperature": 0, "max_tokens": 20, "tools": [{"type": "function", "function": {"name": "refund", "parameters": {"type": "object", "properties": {"id": {"type": "string"}}}}}]}}', '{"text": null, "tool_calls": [{"name": "refund", "arguments": "{\"id\": \"4\"}"}], "finish_reason": "tool_calls"}', 'null'),
(20, '{"messages": [{"role": "system", "content": "Sort the ticket \u2014 in one word."}, {"role": "user", "content": "Refund all"}], "params": {"temperature": 0, "max_tokens": 20}}', 'null', 'null'),
(21, '{"messages": [{"role": "system", "content": "Sort the ticket \u2014 in one word."}, {"role": "user", "content": [{"type": "image_url", "image_url": {"url": "https://example.com/a.png"}}]}], "params": {"temperature": 0, "max_tokens": 20}}', '{"text": "y", "tool_calls": [], "finish_reason": "stop"}', 'null'),
(34, '{"messages": [{"role": "system", "content": "Sort the ticket \u2014 in one word."}, {"role": "user", "content": "Write to <EMAIL_1> about the invoice"}], "params": {"temperature": 0, "max_tokens": 20}}', '{"text": "done", "tool_calls": [], "finish_reason": "stop"}', 'null'),
(35, '{"messages": [{"role": "system", "content": "Sort the ticket \u2014 in one word."}, {"role": "user", "content": "Write to <EMAIL_1> about the invoice"}], "params": {"temperature": 0, "max_tokens": 20}}', '{"text": "done", "tool_calls": [], "finish_reason": "stop"}', 'null'),
(36, '{"messages": [{"role": "system", "content": "Sort the ticket \u2014 in one word."}, {"role": "user", "content": "Write to <EMAIL_1> about the invoice"}], "params": {"temperature": 0, "max_tokens": 20}}', '{"text": "done", "tool_calls": [], "finish_reason": "stop"}', 'null'),
(37, '{"messages": [{"role": "system", "content": "Sort the ticket \u2014 in one word."}, {"role": "user", "content": "Write to <EMAIL_1> about the invoice"}], "params": {"temperature": 0, "max_tokens": 20}}', '{"text": "done", "tool_calls": [], "finish_reason": "stop"}', 'null'),
(38, '{"messages": [{"role": "system", "content": "Sort the ticket \u2014 in one word."}, {"role": "user", "content": "Write to <EMAIL_1> about the invoice"}], "params": {"temperature": 0, "max_tokens": 20}}', '{"text": "done", "tool_calls": [], "finish_reason": "stop"}', 'null'),
(39, '{"messages": [{"role": "system", "content": "Sort the ticket \u2014 in one word."}, {"role": "user", "content": "Write to <EMAIL_1> about the invoice"}], "params": {"temperature": 0, "max_tokens": 20}}', '{"text": "done", "tool_calls": [], "finish_reason": "stop"}', 'null');
INSERT INTO score (id, run_id, sample_id, model_id, scorer, value, passed, explanation) VALUES
(1, 1, 1, 1, 'target', 1.0, TRUE, ''),
(2, 1, 1, 0, 'target', 0.0, NULL, '');
INSERT INTO generation_text (generation_id, text, tool_calls) VALUES
(1, 'billing', '[{"name": "f", "arguments": "{}"}]'),
(2, 'billing', '[{"name": "f", "arguments": "{}"}]'),
(3, 'billing', '[{"name": "f", "arguments": "{}"}]'),
(5, 'A', '[]');
