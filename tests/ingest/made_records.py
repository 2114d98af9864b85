"""A small record of every format, as its tool writes it, for tests that change records and dress them up."""

from typing import Any

Record = dict[str, Any]

MODEL = "gpt-4o-mini-2024-07-18"
TOOL = {"type": "function", "function": {"name": "find_order", "parameters": {"type": "object", "properties": {}}}}
ASKED = [{"role": "system", "content": "Sort tickets."}, {"role": "user", "content": "The parcel is late."}]
REQUEST = {"model": "gpt-4o-mini", "messages": ASKED, "temperature": 0.2}
USAGE = {
    "prompt_tokens": 21,
    "completion_tokens": 4,
    "total_tokens": 25,
    "prompt_tokens_details": {"cached_tokens": 5},
    "completion_tokens_details": {"reasoning_tokens": 1},
}
SAID = {"role": "assistant", "content": "shipping"}
CHOICES = [{"index": 0, "message": SAID, "finish_reason": "stop"}]
COMPLETION = {
    "id": "chatcmpl-A1b2C3d4E5f6G7h8", "object": "chat.completion", "created": 1760000000, "model": MODEL,
    "choices": CHOICES, "usage": USAGE,
}  # fmt: skip
CLAUDE_REQUEST = {
    "model": "claude-sonnet-4-5", "max_tokens": 100, "system": "Sort tickets.",
    "messages": [{"role": "user", "content": [{"type": "text", "text": "The parcel is late."}]}],
}  # fmt: skip
CLAUDE_MESSAGE = {
    "id": "msg_01Abcdefghijklmn", "type": "message", "role": "assistant", "model": "claude-sonnet-4-5-20250929",
    "content": [{"type": "text", "text": "shipping"}], "stop_reason": "end_turn",
    "usage": {"input_tokens": 16, "cache_read_input_tokens": 5, "cache_creation_input_tokens": 0, "output_tokens": 4},
}  # fmt: skip
RESPONSE_REQUEST = {"model": "gpt-5-mini", "instructions": "Sort tickets.", "input": "The parcel is late."}
RESPONSE = {
    "id": "resp_0123456789abcdef", "object": "response", "created_at": 1760000000, "status": "completed",
    "model": "gpt-5-mini-2025-08-07",
    "output": [
        {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "shipping"}]},
    ],
    "usage": {
        "input_tokens": 21, "input_tokens_details": {"cached_tokens": 5}, "output_tokens": 4,
        "output_tokens_details": {"reasoning_tokens": 1},
    },
}  # fmt: skip
BEGUN, ENDED = "2026-03-01T10:00:00.000Z", "2026-03-01T10:00:01.500Z"
CONVERSE = {
    "system": [{"text": "Sort tickets."}],
    "messages": [{"role": "user", "content": [{"text": "The parcel is late."}]}],
    "inferenceConfig": {"maxTokens": 100},
}
CONVERSED = {
    "output": {"message": {"role": "assistant", "content": [{"text": "shipping"}]}}, "stopReason": "end_turn",
    "usage": {"inputTokens": 16, "cacheReadInputTokens": 5, "outputTokens": 4}, "metrics": {"latencyMs": 1500},
}  # fmt: skip
GEMINI_REQUEST = {
    "systemInstruction": {"parts": [{"text": "Sort tickets."}]},
    "contents": [{"role": "user", "parts": [{"text": "The parcel is late."}]}],
    "generationConfig": {"temperature": 0.2},
}
GEMINI_RESPONSE = {
    "candidates": [{"content": {"role": "model", "parts": [{"text": "shipping"}]}, "finishReason": "STOP"}],
    "usageMetadata": {
        "promptTokenCount": 21, "cachedContentTokenCount": 5, "candidatesTokenCount": 3, "thoughtsTokenCount": 1
    },
    "modelVersion": "gemini-2.5-flash",
}  # fmt: skip


def _attribute(key: str, value: Any) -> Record:
    kind = "intValue" if isinstance(value, int) else "stringValue"
    return {"key": key, "value": {kind: str(value)}}


def _span(attributes: Record, identity: str) -> Record:
    return {
        "traceId": "5b8efff798038103d269b633813fc60c", "spanId": identity, "parentSpanId": "", "name": "chat",
        "startTimeUnixNano": "1772359200000000000", "endTimeUnixNano": "1772359201500000000",
        "attributes": [_attribute(key, value) for key, value in attributes.items()], "status": {"code": 1},
    }  # fmt: skip


def _page(span: Record) -> Record:
    return {"resourceSpans": [{"resource": {"attributes": []}, "scopeSpans": [{"scope": {}, "spans": [span]}]}]}


_GENERATION = {
    "id": "obs-1", "traceId": "trace-1", "type": "GENERATION", "name": "sort", "startTime": BEGUN, "endTime": ENDED,
    "input": ASKED, "output": SAID, "level": "DEFAULT", "parentObservationId": None, "promptName": "sort-tickets",
}  # fmt: skip

_OBSERVED = _GENERATION | {
    "id": "obs-2", "model": MODEL, "usageDetails": {"input": 16, "input_cached_tokens": 5, "output": 4},
    "latency": 1.5, "timeToFirstToken": 0.3, "modelParameters": {"temperature": 0.2},
}  # fmt: skip

RECORDS: dict[str, list[Record]] = {
    "chatgpt_export": [
        {
            "title": "A parcel", "current_node": "n2", "conversation_id": "cg1", "default_model_slug": "gpt-4o",
            "mapping": {
                "n1": {
                    "parent": None,
                    "message": {
                        "id": "n1", "author": {"role": "user"},
                        "content": {"content_type": "text", "parts": ["The parcel is late."]},
                    },
                },
                "n2": {
                    "parent": "n1",
                    "message": {
                        "id": "n2", "author": {"role": "assistant"}, "create_time": 1760000000.0, "recipient": "all",
                        "content": {"content_type": "text", "parts": ["shipping"]},
                        "metadata": {"model_slug": "gpt-4o", "finish_details": {"type": "stop"}},
                    },
                },
            },
        }
    ],
    "claude_export": [
        {
            "uuid": "ce1", "name": "A parcel", "created_at": BEGUN,
            "chat_messages": [
                {"uuid": "m1", "sender": "human", "text": "The parcel is late.", "created_at": BEGUN},
                {
                    "uuid": "m2", "sender": "assistant", "text": "shipping", "created_at": ENDED,
                    "content": [{"type": "text", "text": "shipping"}],
                },
            ],
        }
    ],
    "open_webui": [
        {
            "id": "ow1", "user_id": "u", "title": "A parcel", "updated_at": 1760000000,
            "chat": {
                "models": ["gpt-4o"],
                "history": {
                    "messages": {
                        "u1": {"id": "u1", "parentId": None, "role": "user", "content": "The parcel is late."},
                        "a1": {
                            "id": "a1", "parentId": "u1", "role": "assistant", "content": "shipping", "usage": USAGE,
                            "model": "gpt-4o", "timestamp": 1760000000,
                        },
                    },
                    "currentId": "a1",
                },
            },
        }
    ],
    "claude_code": [
        {
            "type": "user", "uuid": "cc1", "parentUuid": None, "sessionId": "cs1", "isSidechain": False,
            "timestamp": BEGUN,
            "message": {"role": "user", "content": [{"type": "text", "text": "The parcel is late."}]},
        },
        {
            "type": "assistant", "uuid": "cc2", "parentUuid": "cc1", "sessionId": "cs1", "isSidechain": False,
            "timestamp": ENDED, "requestId": "req_1", "message": CLAUDE_MESSAGE | {"id": "msg_01session000000"},
        },
    ],
    "posthog": [
        {
            "uuid": "ph1", "event": "$ai_generation", "timestamp": BEGUN, "distinct_id": "u",
            "properties": {
                "$ai_trace_id": "t1", "$ai_span_id": "s1", "$ai_model": MODEL, "$ai_provider": "openai",
                "$ai_input": ASKED, "$ai_output_choices": [SAID], "$ai_input_tokens": 21, "$ai_output_tokens": 4,
                "$ai_latency": 1.5, "$ai_total_cost_usd": 0.01,
            },
        }
    ],
    "datadog": [
        {
            "id": "dd1", "type": "span",
            "attributes": {
                "span_id": "dd1", "trace_id": "t1", "parent_id": "undefined", "span_kind": "llm", "name": "sort",
                "duration": 1500000000, "start_ns": 1772359200000000000, "status": "ok", "model_name": MODEL,
                "input": {"messages": ASKED}, "output": {"messages": [SAID]}, "ml_app": "bot",
                "metrics": {"input_tokens": 21, "output_tokens": 4, "total_tokens": 25},
                "metadata": {"temperature": 0.2},
            },
        }
    ],
    "cloudflare": [
        {
            "id": "cf1", "cached": False, "created_at": BEGUN, "duration": 1500, "model": MODEL, "provider": "openai",
            "path": "chat/completions", "success": True, "tokens_in": 21, "tokens_out": 4, "cost": 0.01,
            "request": REQUEST, "response": COMPLETION | {"id": "chatcmpl-cloudflare0001"},
        }
    ],
    "lunary": [
        {
            "id": "lr1", "type": "llm", "name": MODEL, "createdAt": BEGUN, "endedAt": ENDED, "templateSlug": "sort",
            "tokens": {"completion": 4, "prompt": 21, "total": 25}, "input": ASKED, "output": SAID, "status": "success",
            "params": {"temperature": 0.2}, "cost": 0.01, "isPublic": False,
        }
    ],
    "humanloop": [
        {
            "id": "hl1", "created_at": BEGUN, "provider_latency": 1.5, "prompt_tokens": 21, "output_tokens": 4,
            "messages": ASKED, "output": "shipping", "output_message": SAID, "log_status": "complete",
            "prompt": {"name": "sort", "model": MODEL, "temperature": 0.2},
        }
    ],
    "opik": [
        {
            "id": "op1", "project_name": "p", "trace_id": "t1", "parent_span_id": "op0", "name": "llm", "type": "llm",
            "start_time": BEGUN, "end_time": ENDED, "input": {"messages": ASKED}, "output": {"choices": CHOICES},
            "metadata": {"temperature": 0.2}, "model": MODEL, "total_estimated_cost": 0.01,
            "usage": {"prompt_tokens": 21, "completion_tokens": 4, "total_tokens": 25},
        }
    ],
    "kong": [
        {
            "started_at": 1772359200000, "latencies": {"request": 1700}, "response": {"status": 200},
            "ai": {
                "proxy": {
                    "meta": {"response_model": MODEL, "llm_latency": 1500},
                    "usage": {"prompt_tokens": 21, "completion_tokens": 4, "total_tokens": 25},
                    "payload": {"request": REQUEST, "response": COMPLETION | {"id": "chatcmpl-kong0000000001"}},
                }
            },
        }
    ],
    "har": [
        {
            "log": {
                "version": "1.2",
                "entries": [{"startedDateTime": BEGUN, "time": 9, "request": {"method": "GET", "url": "https://a.b/c"}}],
            }
        }
    ],
    "dify": [
        {
            "id": "df1", "conversation_id": "dc1", "query": "The parcel is late.", "answer": "shipping",
            "message": [{"role": "user", "text": "The parcel is late.", "files": []}], "model_id": MODEL,
            "message_tokens": 21, "answer_tokens": 4, "provider_response_latency": 1.5, "status": "normal",
            "created_at": BEGUN, "total_price": "0.01", "currency": "USD",
        }
    ],
    "langchain_store": [
        {"id": 1, "session_id": "ls1", "message": {"type": "human", "data": {"content": "The parcel is late."}}},
        {
            "id": 2, "session_id": "ls1",
            "message": {
                "type": "ai",
                "data": {
                    "content": "shipping", "response_metadata": {"model_name": MODEL},
                    "usage_metadata": {"input_tokens": 21, "output_tokens": 4, "total_tokens": 25},
                },
            },
        },
    ],
    "openhands": [
        {
            "id": 0, "timestamp": BEGUN, "source": "user", "action": "message",
            "args": {"content": "The parcel is late."},
        },
        {
            "id": 1, "timestamp": ENDED, "source": "agent", "action": "run", "args": {"command": "ls"},
            "tool_call_metadata": {
                "tool_call_id": "c1", "model_response": COMPLETION | {"id": "chatcmpl-openhands00001"},
            },
        },
    ],
    "agno": [
        {
            "session_id": "ag1", "session_type": "agent", "agent_id": "sorter", "created_at": 1760000000,
            "runs": [
                {
                    "run_id": "ar1", "agent_id": "sorter", "agent_name": "sorter", "session_id": "ag1", "model": MODEL,
                    "content": "shipping", "content_type": "str", "status": "COMPLETED", "created_at": 1760000000,
                    "messages": [
                        *({"id": f"am{at}", "created_at": 1760000000} | each for at, each in enumerate(ASKED)),
                        SAID | {
                            "id": "am2", "created_at": 1760000001, "from_history": False,
                            "metrics": {"input_tokens": 21, "output_tokens": 4, "total_tokens": 25, "duration": 1.5},
                        },
                    ],
                },
            ],
        },
    ],
    "autogen": [
        {
            "type": "LLMCall", "messages": ASKED, "response": COMPLETION, "prompt_tokens": 21, "completion_tokens": 4,
            "agent_id": "sorter/1", "tools": [TOOL],
        },
    ],
    "flowise": [
        {
            "id": "fw1", "role": "userMessage", "chatflowid": "f1", "content": "The parcel is late.", "chatId": "fc1",
            "createdDate": BEGUN, "chatType": "EXTERNAL",
        },
        {
            "id": "fw2", "role": "apiMessage", "chatflowid": "f1", "content": "shipping", "chatId": "fc1",
            "createdDate": ENDED, "chatType": "EXTERNAL",
        },
    ],
    "codex": [
        {"timestamp": BEGUN, "type": "session_meta", "payload": {"id": "cx1", "instructions": "Sort tickets."}},
        {"timestamp": BEGUN, "type": "turn_context", "payload": {"model": "gpt-5-codex"}},
        {
            "timestamp": BEGUN, "type": "response_item",
            "payload": {
                "type": "message", "role": "user", "content": [{"type": "input_text", "text": "The parcel is late."}],
            },
        },
        {
            "timestamp": ENDED, "type": "response_item",
            "payload": {
                "type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "shipping"}],
            },
        },
        {
            "timestamp": ENDED, "type": "event_msg",
            "payload": {
                "type": "token_count",
                "info": {"last_token_usage": {"input_tokens": 21, "cached_input_tokens": 5, "output_tokens": 4}},
            },
        },
    ],
    "librechat": [
        {
            "messageId": "lc1", "parentMessageId": "0", "conversationId": "lv1", "isCreatedByUser": True,
            "text": "The parcel is late.", "createdAt": BEGUN,
        },
        {
            "messageId": "lc2", "parentMessageId": "lc1", "conversationId": "lv1", "isCreatedByUser": False,
            "text": "shipping", "createdAt": ENDED, "model": "gpt-4o", "error": False,
        },
    ],
    "openai_threads": [
        {
            "id": "msg_th1", "object": "thread.message", "created_at": 1760000000, "thread_id": "thread_1",
            "role": "user", "content": [{"type": "text", "text": {"value": "The parcel is late."}}], "run_id": None,
        },
        {
            "id": "msg_th2", "object": "thread.message", "created_at": 1760000002, "thread_id": "thread_1",
            "role": "assistant", "content": [{"type": "text", "text": {"value": "shipping"}}], "run_id": "run_1",
        },
        {
            "id": "run_1", "object": "thread.run", "created_at": 1760000001, "thread_id": "thread_1",
            "started_at": 1760000001, "completed_at": 1760000002, "model": "gpt-4o", "instructions": "Sort tickets.",
            "tools": [], "usage": {"prompt_tokens": 21, "completion_tokens": 4, "total_tokens": 25},
        },
    ],
    "swe_agent": [
        {
            "environment": "main", "trajectory": [{"action": "submit", "execution_time": 0.2}], "info": {},
            "history": [*ASKED, SAID | {"message_type": "action"}],
            "replay_config": {"agent": {"model": {"name": "gpt-4o"}}},
        }
    ],
    "inspect_ai": [
        {
            "id": 1, "epoch": 1, "input": "The parcel is late.", "target": "shipping", "attachments": {}, "scores": {},
            "events": [
                {
                    "event": "model", "model": "openai/gpt-4o-mini", "timestamp": BEGUN, "input": ASKED, "tools": [],
                    "tool_choice": "none", "config": {"temperature": 0.2},
                    "output": {
                        "model": MODEL, "choices": [{"message": SAID, "stop_reason": "stop"}], "time": 1.5,
                        "usage": {"input_tokens": 21, "output_tokens": 4, "total_tokens": 25},
                    },
                }
            ],
        }
    ],
    "anthropic_batch": [
        {"custom_id": "a1", "params": CLAUDE_REQUEST},
        {"custom_id": "a1", "result": {"type": "succeeded", "message": CLAUDE_MESSAGE}},
    ],
    "langfuse": [
        _GENERATION
        | {
            "providedModelName": MODEL, "usageDetails": {"input": 16, "input_cached_tokens": 5, "output": 4},
            "latencyMs": 1500, "timeToFirstTokenMs": 300, "totalCost": 0.01, "modelParameters": {"temperature": "0.2"},
        },
        _OBSERVED,
        {
            "id": "obs-3", "trace_id": "trace-1", "type": "GENERATION", "start_time": "2026-03-01 10:00:00.000000",
            "end_time": "2026-03-01 10:00:01.500000", "provided_model_name": MODEL, "input": "The parcel is late.",
            "output": "shipping", "usage_details": {"input": 21, "output": 4}, "total_cost": 0.01,
        },
        {"trace": {"id": "trace-2", "name": "sort"}, "observations": [_OBSERVED | {"id": "obs-4"}]},
    ],
    "langfuse_traces": [
        {
            "id": "trace-9", "timestamp": BEGUN, "name": "sort", "bookmarked": False, "public": False,
            "input": "The parcel is late.", "output": "shipping", "tags": ["support"],
        }
    ],
    "litellm": [
        {
            "request_id": "chatcmpl-litellm0000001", "call_type": "acompletion", "spend": 0.01, "startTime": BEGUN,
            "endTime": ENDED, "completionStartTime": ENDED, "model": MODEL, "model_group": "small",
            "prompt_tokens": 21, "completion_tokens": 4, "total_tokens": 25, "metadata": {"usage_object": USAGE},
            "messages": {}, "proxy_server_request": REQUEST, "response": COMPLETION, "request_tags": ["support"],
            "cache_hit": "None", "status": "success",
        },
        {
            "id": "chatcmpl-litellm0000002", "call_type": "completion", "response_cost": 0.01, "model": MODEL,
            "model_parameters": {"temperature": 0.2}, "messages": ASKED, "response": COMPLETION, "status": "success",
            "startTime": 1760000000.0, "endTime": 1760000001.5, "completionStartTime": 1760000000.3,
            "prompt_tokens": 21, "completion_tokens": 4, "total_tokens": 25, "response_time": 1.5, "metadata": {},
        },
    ],
    "mlflow": [
        {
            "info": {"trace_id": "tr-1", "state": "OK", "trace_metadata": {}, "tags": {}},
            "data": {
                "spans": [
                    {
                        "trace_id": "dHItMQ==", "span_id": "c3Bhbi0x", "parent_span_id": None, "name": "Completions",
                        "start_time_unix_nano": 1772359200000000000, "end_time_unix_nano": 1772359201500000000,
                        "status": {"code": "STATUS_CODE_OK"},
                        "attributes": {
                            "mlflow.spanType": '"CHAT_MODEL"', "mlflow.llm.model": f'"{MODEL}"',
                            "mlflow.spanInputs": '{"messages": [{"role": "user", "content": "The parcel is late."}]}',
                            "mlflow.spanOutputs": '{"choices": [{"message": {"role": "assistant", "content": "x"}}]}',
                            "mlflow.chat.tokenUsage": '{"input_tokens": 21, "output_tokens": 4}',
                        },
                    }
                ]
            },
        }
    ],
    "openai_batch": [
        {"custom_id": "b1", "method": "POST", "url": "/v1/chat/completions", "body": REQUEST},
        {
            "id": "batch_req_1", "custom_id": "b1", "error": None,
            "response": {"status_code": 200, "request_id": "r1", "body": COMPLETION | {"id": "chatcmpl-batch000001"}},
        },
        {"id": "batch_req_2", "custom_id": "b2", "response": None, "error": {"code": "batch_expired", "message": "x"}},
    ],
    "openinference": [
        {
            "name": "ChatCompletion", "context": {"trace_id": "t1", "span_id": "s1"}, "span_kind": "LLM",
            "parent_id": None, "start_time": BEGUN, "end_time": ENDED, "status_code": "OK", "events": [],
            "attributes": {
                "llm": {
                    "model_name": MODEL, "token_count": {"prompt": 21, "completion": 4},
                    "input_messages": [{"message": message} for message in ASKED],
                    "output_messages": [{"message": SAID}], "invocation_parameters": '{"temperature": 0.2}',
                }
            },
        },
        _page(
            _span(
                {
                    "openinference.span.kind": "LLM", "llm.model_name": MODEL, "llm.token_count.prompt": 21,
                    "llm.input_messages.0.message.role": "user",
                    "llm.input_messages.0.message.content": "The parcel is late.",
                    "llm.output_messages.0.message.role": "assistant",
                    "llm.output_messages.0.message.content": "shipping",
                },
                "eee19b7ec3c1b175",
            )
        ),
    ],
    "bedrock_invocation": [
        {
            "schemaType": "ModelInvocationLog", "schemaVersion": "1.0", "timestamp": "2026-03-01T10:00:00Z",
            "requestId": "11111111-2222-3333-4444-555555555555", "operation": "Converse",
            "modelId": "us.amazon.nova-micro-v1:0", "region": "us-east-1",
            "input": {"inputContentType": "application/json", "inputBodyJson": CONVERSE, "inputTokenCount": 16},
            "output": {"outputBodyJson": CONVERSED, "outputTokenCount": 4},
        }
    ],
    "helicone": [
        {
            "request_id": "h1", "request_created_at": BEGUN, "response_created_at": ENDED, "response_status": 200,
            "request_body": REQUEST, "response_body": COMPLETION | {"id": "chatcmpl-helicone00001"}, "delay_ms": 1500,
            "time_to_first_token": 300, "prompt_tokens": 21, "completion_tokens": 4, "cost": 0.01, "provider": "OPENAI",
            "request_properties": {"Helicone-Session-Id": "s1"}, "request_model": "gpt-4o-mini",
        }
    ],
    "openai_stored": [
        {"object": "list", "data": [COMPLETION | {"id": "chatcmpl-stored0000001", "metadata": {"route": "support"}}]},
        {"object": "list", "data": [{"id": "chatcmpl-stored0000001-0", "role": "user", "content": "Late parcel."}]},
    ],
    "otlp_genai": [
        _page(
            _span(
                {
                    "gen_ai.operation.name": "chat", "gen_ai.request.model": "gpt-4o-mini",
                    "gen_ai.response.model": MODEL, "gen_ai.usage.input_tokens": 21, "gen_ai.usage.output_tokens": 4,
                    "gen_ai.input.messages": '[{"role":"user","parts":[{"type":"text","content":"Late parcel."}]}]',
                    "gen_ai.output.messages": '[{"role":"assistant","parts":[{"type":"text","content":"shipping"}]}]',
                },
                "eee19b7ec3c1b174",
            )
        ),
        _page(
            _span(
                {
                    "gen_ai.system": "OpenAI", "gen_ai.request.model": "gpt-4o-mini", "gen_ai.prompt.0.role": "user",
                    "gen_ai.prompt.0.content": "The parcel is late.", "gen_ai.completion.0.role": "assistant",
                    "gen_ai.completion.0.content": "shipping", "gen_ai.usage.prompt_tokens": 21,
                },
                "eee19b7ec3c1b176",
            )
        ),
        {
            "timestamp": BEGUN, "id": "eee19b7ec3c1b177", "name": "chat gpt-4o-mini", "duration": 1500.0,
            "success": "True", "resultCode": "0", "operation_Id": "5b8efff798038103d269b633813fc60d",
            "operation_ParentId": "", "itemType": "dependency",
            "customDimensions": {
                "gen_ai.operation.name": "chat", "gen_ai.request.model": "gpt-4o-mini",
                "gen_ai.input.messages": '[{"role":"user","parts":[{"type":"text","content":"Late parcel."}]}]',
                "gen_ai.output.messages": '[{"role":"assistant","parts":[{"type":"text","content":"shipping"}]}]',
            },
        },
        {
            "traceID": "5b8efff798038103d269b633813fc60e", "processes": {"p1": {"serviceName": "api"}},
            "spans": [
                {
                    "traceID": "5b8efff798038103d269b633813fc60e", "spanID": "eee19b7ec3c1b178", "processID": "p1",
                    "operationName": "chat", "startTime": 1772359200000000, "duration": 1500000,
                    "tags": [
                        {"key": "gen_ai.request.model", "type": "string", "value": MODEL},
                        {"key": "gen_ai.prompt.0.role", "type": "string", "value": "user"},
                        {"key": "gen_ai.prompt.0.content", "type": "string", "value": "The parcel is late."},
                        {"key": "gen_ai.completion.0.content", "type": "string", "value": "shipping"},
                    ],
                }
            ],
        },
        {
            "traceId": "5b8efff798038103d269b633813fc60f", "id": "eee19b7ec3c1b179", "name": "chat",
            "timestamp": 1772359200000000, "duration": 1500000, "localEndpoint": {"serviceName": "api"},
            "tags": {
                "gen_ai.request.model": MODEL, "gen_ai.prompt.0.role": "user", "gen_ai.prompt.0.content": "Late.",
                "gen_ai.completion.0.content": "shipping",
            },
        },
    ],
    "portkey": [
        {
            "id": "p1", "ai_org": "openai", "ai_model": MODEL, "req_units": 21, "res_units": 4, "total_units": 25,
            "cost": 1.0, "response_time": 1500, "created_at": BEGUN, "is_success": 1, "response_status_code": 200,
            "request": {"body": REQUEST}, "response": {"body": COMPLETION | {"id": "chatcmpl-portkey000001"}},
            "metadata": {"route": "support"}, "trace_id": "t1",
        }
    ],
    "promptfoo": [
        {
            "promptIdx": 0, "testIdx": 0, "success": True, "failureReason": 0, "score": 1, "latencyMs": 1500,
            "prompt": {"raw": "The parcel is late.", "label": "{{text}}"}, "vars": {"text": "The parcel is late."},
            "provider": {"id": "openai:gpt-4o-mini"}, "testCase": {"assert": [{"type": "equals", "value": "shipping"}]},
            "response": {"output": "shipping", "tokenUsage": {"prompt": 21, "completion": 4, "total": 25}},
            "cost": 0.01,
        }
    ],
    "openrouter_activity": [
        {
            "generation_id": "gen-1760000000-aaaaaaaaaaaa", "created_at": "2026-03-01 10:00:00.000",
            "model_permaslug": "openai/gpt-4o-mini", "provider_name": "OpenAI", "tokens_prompt": "21",
            "tokens_completion": "4", "tokens_reasoning": "1", "tokens_cached": "5", "cost_total": "0.01",
            "generation_time_ms": "1500", "time_to_first_token_ms": "300", "cancelled": "false",
        }
    ],
    "azure_apim": [
        {
            "TimeGenerated": "2026-03-01T10:00:00.0000000Z", "CorrelationId": "c1", "SequenceNumber": 0,
            "ModelName": MODEL, "DeploymentName": "small", "PromptTokens": 21, "CompletionTokens": 4,
            "RequestMessages": '[{"role": "user", "content": "The parcel', "ResponseMessages": "",
        },
        {
            "TimeGenerated": "2026-03-01T10:00:00.0000000Z", "CorrelationId": "c1", "SequenceNumber": 1,
            "ModelName": MODEL, "DeploymentName": "small", "RequestMessages": ' is late."}]',
            "ResponseMessages": '[{"role": "assistant", "content": "shipping"}]',
        },
    ],
    "azure_diagnostics": [
        {
            "operationName": "ChatCompletions_Create", "category": "RequestResponse", "time": "2026-03-01T10:00:00Z",
            "correlationId": "d1", "durationMs": 1500, "resultSignature": "200",
            "properties": {"modelDeploymentName": "small", "modelName": "gpt-4o"},
        }
    ],
    "braintrust": [
        {
            "_xact_id": "1", "id": "bt1", "span_id": "bt1", "root_span_id": "bt1", "created": BEGUN, "input": ASKED,
            "output": CHOICES, "metadata": {"model": MODEL, "temperature": 0.2}, "span_attributes": {"type": "llm"},
            "metrics": {
                "start": 1760000000.0, "end": 1760000001.5, "prompt_tokens": 21, "completion_tokens": 4,
                "prompt_cached_tokens": 5, "time_to_first_token": 0.3,
            },
        }
    ],
    "weave": [
        {
            "id": "w1", "op_name": "weave:///a/b/op/openai.chat.completions.create:x", "started_at": BEGUN,
            "ended_at": ENDED, "trace_id": "t1", "inputs": REQUEST,
            "output": COMPLETION | {"id": "chatcmpl-weave00000001"},
            "summary": {"usage": {MODEL: USAGE}, "weave": {"latency_ms": 1500, "status": "success"}}, "attributes": {},
        }
    ],
    "gemini_vertex": [
        {
            "endpoint": "projects/1/locations/x/publishers/google/models/gemini-2.5-flash", "logging_time": BEGUN,
            "full_request": GEMINI_REQUEST, "full_response": GEMINI_RESPONSE, "model": "gemini-2.5-flash",
            "metadata": {"request_latency": 1500.0}, "request_id": 12,
        }
    ],
    "langsmith": [
        {
            "id": "ls1", "run_type": "llm", "name": "ChatOpenAI", "start_time": "2026-03-01T10:00:00.000000",
            "end_time": "2026-03-01T10:00:01.500000", "first_token_time": "2026-03-01T10:00:00.300000",
            "inputs": {"messages": ASKED}, "outputs": {"choices": CHOICES}, "prompt_tokens": 21,
            "completion_tokens": 4, "total_cost": "0.01", "trace_id": "ls1", "session_id": "project",
            "extra": {"invocation_params": {"model": MODEL, "temperature": 0.2}, "metadata": {"thread_id": "s1"}},
            "tags": ["support"], "status": "success", "error": None,
        },
        {
            "post": [{"id": "ls2", "run_type": "llm", "start_time": BEGUN, "inputs": {"messages": ASKED}, "extra": {}}],
            "patch": [{"id": "ls2", "end_time": ENDED, "outputs": {"choices": CHOICES}}],
        },
    ],
    "llm_logs": [
        {
            "id": "l1", "conversation_id": "k1", "conversation_name": "The parcel is late.", "model": "gpt-4o-mini",
            "prompt": "The parcel is late.", "system": "Sort tickets.", "response": "shipping", "duration_ms": 1500,
            "datetime_utc": "2026-03-01T10:00:00", "input_tokens": 21, "output_tokens": 4, "options_json": {},
        }
    ],
    "openai_agents": [
        {
            "object": "trace.span", "id": "span_1", "trace_id": "trace_1", "parent_id": None, "started_at": BEGUN,
            "ended_at": ENDED, "error": None,
            "span_data": {
                "type": "generation", "input": ASKED, "output": [SAID], "model": "gpt-4o-mini",
                "model_config": {"temperature": 0.2}, "usage": {"input_tokens": 21, "output_tokens": 4},
            },
        },
        {
            "object": "trace.span", "id": "span_2", "trace_id": "trace_1", "started_at": BEGUN, "ended_at": ENDED,
            "span_data": {"type": "response", "response_id": "resp_agents0000000001"},
        },
    ],
    "lmsys": [
        {
            "conversation_id": "y1", "model": "vicuna-13b", "turn": 1, "language": "English", "redacted": False,
            "conversation": [*ASKED, SAID], "openai_moderation": [{"flagged": False}],
        }
    ],
    "promptlayer": [
        {
            "request_id": 7, "provider": "openai", "model": MODEL, "input_tokens": 21, "output_tokens": 4,
            "price": 0.01, "request_start_time": BEGUN, "request_end_time": ENDED, "prompt_name": "sort-tickets",
            "tags": [], "metadata": {}, "status": "SUCCESS",
            "prompt_blueprint": {
                "prompt_template": {
                    "type": "chat",
                    "messages": [
                        {"role": "user", "content": [{"type": "text", "text": "The parcel is late."}]},
                        {"role": "assistant", "content": [{"type": "text", "text": "shipping"}]},
                    ],
                },
                "metadata": {"model": {"name": "gpt-4o-mini", "parameters": {"temperature": 0.2}}},
            },
        }
    ],
    "tau_bench": [{"task_id": 1, "trial": 0, "reward": 1.0, "info": {}, "traj": [*ASKED, SAID]}],
    "wildchat": [
        {
            "conversation_hash": "0123456789abcdef", "model": "gpt-4-0314", "timestamp": BEGUN, "turn": 1,
            "language": "English", "toxic": False, "redacted": False,
            "conversation": [message | {"toxic": False, "timestamp": BEGUN} for message in (ASKED[1], SAID)],
        }
    ],
    "openpipe": [
        {
            "input": {"model": "openpipe:small", "messages": ASKED}, "tags": {"promptId": "sort-tickets"},
            "output": COMPLETION | {"id": "chatcmpl-openpipe000001"},
        }
    ],
    "bedrock": [{"modelId": "amazon.nova-micro-v1:0", "request": CONVERSE, "response": CONVERSED}],
    "gemini": [{"request": GEMINI_REQUEST, "response": GEMINI_RESPONSE, "timestamp": BEGUN}],
    "cohere": [
        {
            "request": {"model": "command-a-03-2025", "messages": ASKED, "p": 0.9},
            "response": {
                "id": "co1", "finish_reason": "COMPLETE",
                "message": {"role": "assistant", "content": [{"type": "text", "text": "shipping"}]},
                "usage": {"billed_units": {"input_tokens": 21, "output_tokens": 4}},
            },
            "latency_ms": 1500,
        }
    ],
    "ollama": [
        {
            "request": {"model": "llama3.2", "messages": ASKED, "stream": False, "options": {"temperature": 0.2}},
            "response": {
                "model": "llama3.2", "created_at": BEGUN, "message": SAID, "done_reason": "stop", "done": True,
                "total_duration": 1500000000, "prompt_eval_count": 21, "eval_count": 4,
            },
        }
    ],
    "gemini_batch": [
        {"key": "gb1", "request": GEMINI_REQUEST},
        {"key": "gb1", "response": GEMINI_RESPONSE},
    ],
    "anthropic_messages": [
        {"request": CLAUDE_REQUEST, "response": CLAUDE_MESSAGE | {"id": "msg_01pair000000000"}, "latency_ms": 1500},
        CLAUDE_MESSAGE | {"id": "msg_01alone00000000"},
    ],
    "fine_tuning": [
        {
            "input": {"messages": ASKED, "tools": [TOOL]}, "preferred_output": [SAID],
            "non_preferred_output": [{"role": "assistant", "content": "billing"}],
        },
        {"prompt": "The parcel is late.", "completion": "shipping"},
    ],
    "sharegpt": [
        {
            "id": "g1",
            "conversations": [{"from": "human", "value": "The parcel is late."}, {"from": "gpt", "value": "shipping"}],
        }
    ],
    "alpaca": [{"instruction": "Sort the ticket.", "input": "The parcel is late.", "output": "shipping"}],
    "openai_responses": [
        {"request": RESPONSE_REQUEST, "response": RESPONSE, "latency_ms": 1500},
        {"object": "list", "data": [RESPONSE | {"id": "resp_fedcba9876543210"}]},
    ],
    "openai_chat": [
        {"request": REQUEST, "response": COMPLETION | {"id": "chatcmpl-pair0000000001"}, "latency_ms": 1500},
        REQUEST | {"response": "shipping", "latency": 1.5, "timestamp": BEGUN},
        COMPLETION | {"id": "chatcmpl-alone000000001"},
    ],
    "chat_messages": [{"messages": [*ASKED, SAID]}, {"messages": ASKED, "answer": "shipping", "use_case": "sort"}],
    "api_pair": [{"llm_call": {"sent": REQUEST, "got": COMPLETION | {"id": "chatcmpl-odd00000000001"}}, "user": "u1"}],
    "request_metrics": [
        {
            "timestamp": BEGUN, "request_id": "rm1", "model": MODEL, "input_tokens": 21, "output_tokens": 4,
            "latency_ms": 1500, "cost_usd": 0.01,
        }
    ],
    "table": [
        {
            "question": "The parcel is late.", "reply": "shipping", "model": MODEL, "created_at": BEGUN,
            "input_tokens": 21, "output_tokens": 4, "latency_ms": 1500, "cost_usd": 0.01, "id": "t1",
        }
    ],
}  # fmt: skip
"""By the format's name, in an order in which the parts of one call follow each other."""
