"""The files of a training archive: data, one configuration per way of training, scripts, and what to read first."""

import json
from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped]

from advisor.analysis.training import FEW, epochs_of
from advisor.catalog.servers import Server, documented
from advisor.text.ready.training import readme, terms_file
from advisor.types import Json
from advisor.types.ready import Row, Split, Training, TrainingSet, Tuned

PINNED = (
    "accelerate==1.15.0",
    "datasets==5.2.0",
    "peft==0.21.2",
    "torch==2.15.0",
    "transformers==5.23.0",
    "trl==1.16.0",
)
FOUR_BIT = "bitsandbytes==0.50.2"
SMALL_B = 13.0
"""Up to so many billions of weights, the QLoRA paper's larger learning rate (Dettmers et al. 2023, table 9)."""
RANK = 16
"""The largest that vLLM serves without being told."""
ROUND = 1024


def training_files(training: Training) -> dict[str, str]:
    """README.md, and where there is something to train on the terms, a folder per use case, scripts, requirements."""
    context = {each.alias: 2 * _longest(each) for each in training.sets}
    files = {"README.md": readme(training, documented()[Server.VLLM].version, context)}
    if not training.is_trainable:
        return files
    files["TERMS.md"] = terms_file(training)
    ways = (Tuned.DPO,) if training.is_pairs else (Tuned.LORA, Tuned.QLORA)
    for each in training.sets:
        for split in Split:
            files[f"{each.alias}/{split}.jsonl"] = "".join(_line(row) for row in each.of(split))
        for how in ways:
            config = yaml.safe_dump(configuration(each, how), sort_keys=False, allow_unicode=True)
            files[f"{each.alias}/{how}.yaml"] = config
    scripts = ("dpo.py",) if training.is_pairs else ("distill.py", "train.py")
    files |= {name: Path(__file__).with_name(f"{name}.txt").read_text(encoding="utf-8") for name in scripts}
    pinned = PINNED if training.is_pairs else (*PINNED, FOUR_BIT)
    files["requirements.txt"] = "".join(f"{line}\n" for line in sorted(pinned))
    return files


def _line(row: Row) -> str:
    *prompt, answer = row.messages
    told: dict[str, Json] = {"messages": row.messages}
    if row.rejected is not None:
        told = {"prompt": prompt, "chosen": [answer], "rejected": [row.rejected]}
    return json.dumps(told | ({"tools": row.tools} if row.tools else {}), ensure_ascii=False) + "\n"


def configuration(each: TrainingSet, how: Tuned) -> dict[str, Any]:
    """What a script reads; names under `training` and `lora` are those of TRL and PEFT."""
    trained = len(each.of(Split.TRAIN))
    small = each.trainee.total_b is None or each.trainee.total_b <= SMALL_B
    rate = 5e-6 if how is Tuned.DPO else 2e-4 if small else 1e-4
    training: dict[str, Any] = {
        "num_train_epochs": epochs_of(trained),
        "learning_rate": rate,
        "lr_scheduler_type": "cosine",
        "per_device_train_batch_size": 1,
        "gradient_accumulation_steps": 8 if trained < 10 * FEW else 16,
        "max_length": _longest(each),
        "activation_checkpointing": True,
        "logging_steps": 5,
        "save_strategy": "no",
        "seed": 1,
    }
    if how is Tuned.DPO:
        training["beta"] = 0.1
    config: dict[str, Any] = {"model": each.trainee.repository}
    if how is not Tuned.DPO:
        config["four_bit"] = how is Tuned.QLORA
    lora = {"r": RANK, "lora_alpha": 2 * RANK, "lora_dropout": 0.05, "target_modules": "all-linear"}
    return {**config, "lora": lora, "training": training}


def _longest(each: TrainingSet) -> int:
    """Tokens of the longest example at three characters each, in steps of ROUND: a longer one would lose its end."""
    longest = max((len(_line(row)) for row in each.rows), default=0)
    return max(1, -(-longest // (3 * ROUND))) * ROUND
