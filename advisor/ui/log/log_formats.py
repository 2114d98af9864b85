"""The formats of logs in plain words, with what a person has to know about some of them."""

TABLE, PAIR = "table", "api_pair"

WORDS = {
    "alpaca": "instructions with their outputs (Alpaca)",
    "anthropic_batch": "Anthropic message batch: requests and results are joined by custom_id",
    "anthropic_messages": "recorded calls of Anthropic's messages API",
    PAIR: "records that hold a request of some model API, and its response where there is one",
    "azure_apim": "Azure API Management log: the rows of one call are joined by CorrelationId",
    "azure_diagnostics": "Azure OpenAI diagnostic log: times and models, no texts",
    "bedrock": "recorded calls of AWS Bedrock",
    "bedrock_invocation": "AWS Bedrock model invocation log",
    "braintrust": "Braintrust project log",
    "chat_messages": "one conversation per record",
    "fine_tuning": "OpenAI fine-tuning file",
    "gemini": "recorded calls of Gemini",
    "gemini_vertex": "Vertex AI request and response log",
    "helicone": "Helicone export",
    "langfuse": "Langfuse observations",
    "langfuse_traces": "Langfuse traces: the application's own input and output, not the model's",
    "langsmith": "LangSmith runs: the start and the end of a run are joined by its id",
    "litellm": "LiteLLM log",
    "llm_logs": "log of the llm command-line tool",
    "lmsys": "LMSYS chat data set",
    "mlflow": "MLflow traces",
    "openai_agents": "OpenAI Agents SDK traces",
    "openai_batch": "OpenAI batch file: input and output lines are joined by custom_id",
    "openai_chat": "recorded calls of OpenAI chat completions",
    "openai_responses": "OpenAI Responses API: a response and its input items are joined by the response's id",
    "openai_stored": "OpenAI stored completions: completions and their messages are joined by the completion's id",
    "openinference": "OpenInference spans (Arize Phoenix)",
    "openpipe": "OpenPipe export",
    "openrouter_activity": "OpenRouter activity: costs, tokens and times, no texts",
    "otlp_genai": "OpenTelemetry traces of model calls: a call and its events are joined by the span's id",
    "portkey": "Portkey log export",
    "promptfoo": "promptfoo results",
    "promptlayer": "PromptLayer requests",
    "sharegpt": "ShareGPT conversations",
    TABLE: "a table, one call a row",
    "tau_bench": "tau-bench runs",
    "weave": "Weave calls",
    "wildchat": "WildChat data set",
}

METRICS_ONLY = frozenset({"openrouter_activity", "azure_diagnostics"})

COUNTERPARTS = {
    "openai_batch": "the input file of the batch has the prompts, its output file the answers",
    "anthropic_batch": "the requests of the batch have the prompts, its results the answers",
    "openai_stored": "the list has the answers, the messages of each completion come apart from it",
}
"""Formats that need two files, and which."""


def words_for(format: str) -> str:
    """A format in plain words."""
    return WORDS.get(format, format.replace("_", " "))
