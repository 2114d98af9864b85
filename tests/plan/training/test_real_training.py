"""The exported recipes train a tiny model from the exported files, in an environment of its own.

Only with ADVISOR_TRAIN=1: PyTorch for Linux brings several gigabytes. ADVISOR_TRAIN may also be the path of a Python
that has the packages of requirements.txt.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml  # type: ignore[import-untyped]

from advisor.plan.training.recipes import training_files
from advisor.plan.training.sets import make_training
from tests.plan.training.decided import Decided

WANTED = os.environ.get("ADVISOR_TRAIN", "")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not WANTED, reason="set ADVISOR_TRAIN=1 to install PyTorch and train"),
]
TINY = """
import sys
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

special = ["<|end|>", "<|pad|>", "<|start|>"]
vocabulary = {text: place for place, text in enumerate([*special, *sorted(pre_tokenizers.ByteLevel.alphabet())])}
tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=[]))
tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
tokenizer.decoder = decoders.ByteLevel()
fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, eos_token=special[0], pad_token=special[1])
fast.chat_template = (
    "{% for m in messages %}<|start|>{{ m.role }}\\n{{ m.content }}<|end|>\\n{% endfor %}"
    "{% if add_generation_prompt %}<|start|>assistant\\n{% endif %}"
)
config = LlamaConfig(
    vocab_size=len(vocabulary), hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=4,
    num_key_value_heads=2, max_position_embeddings=8192, pad_token_id=1, eos_token_id=0, bos_token_id=0,
)
LlamaForCausalLM(config).save_pretrained(sys.argv[1])
fast.save_pretrained(sys.argv[1])
"""


@pytest.fixture(scope="module")
def python(decided: Decided, tmp_path_factory: pytest.TempPathFactory) -> Path:
    if Path(WANTED).is_file():
        return Path(WANTED)
    folder = tmp_path_factory.mktemp("environment")
    wanted = training_files(make_training(*decided, is_pairs=True, with_tested=True))["requirements.txt"].splitlines()
    uv: list[str | Path] = [sys.executable, "-m", "uv"]
    subprocess.run([*uv, "venv", "--quiet", "--python", sys.executable, folder], check=True)
    here = folder / "bin" / "python"
    subprocess.run([*uv, "pip", "install", "--quiet", "--python", here, *wanted], check=True)
    return here


@pytest.mark.pytorch
@pytest.mark.parametrize(("is_pairs", "script", "config"), [(False, "train.py", "lora"), (True, "dpo.py", "dpo")])
def test_a_tiny_model_trains_from_the_files(
    decided: Decided, python: Path, tmp_path: Path, is_pairs: bool, script: str, config: str
) -> None:
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"}

    def run(*command: str | Path) -> str:
        done = subprocess.run(
            [python, *command], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=600, check=False
        )
        assert done.returncode == 0, done.stderr[-3000:]
        return done.stdout

    for name, text in training_files(make_training(*decided, is_pairs=is_pairs, with_tested=True)).items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    run("-c", TINY, tmp_path / "tiny")
    recipe = tmp_path / "triage" / f"{config}.yaml"
    chosen = yaml.safe_load(recipe.read_text())
    few = {"max_steps": 3, "logging_steps": 1, "gradient_accumulation_steps": 2, "max_length": 4096}
    recipe.write_text(yaml.safe_dump({**chosen, "model": str(tmp_path / "tiny"), "training": chosen["training"] | few}))
    assert "loss" in run(script, recipe)
    adapter = tmp_path / "triage" / "adapter"
    assert (adapter / "adapter_model.safetensors").stat().st_size > 1000
    assert json.loads((adapter / "adapter_config.json").read_text())["peft_type"] == "LORA"
