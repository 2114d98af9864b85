"""Calls under one system prompt are one use case, unless their messages begin with several tasks."""

import random

from advisor.ingest.grouping.templates import fall_apart, find_openings, find_templates
from advisor.ingest.grouping.words import sentences, tokens

DRAW = random.Random(3)
THINGS = ("kettle", "lamp", "chair", "phone case")
FAULTS = ("arrived broken", "arrived late", "arrived in the wrong colour")
QUESTIONS = ("Good morning, when will my order arrive?", "Could you please send me an invoice?", "I want to cancel.")


def begin(messages: list[str]) -> list[tuple[str, ...]]:
    return [tokens(message, 24) for message in messages]


def test_what_the_messages_are_about_is_no_task() -> None:
    orders = [f"Order #{n}: the {DRAW.choice(THINGS)} {DRAW.choice(FAULTS)}. I am number {n}." for n in range(200)]
    assert not fall_apart(begin(orders))
    assert not fall_apart(begin([f"{DRAW.choice(QUESTIONS)} ({n})" for n in range(200)]))
    assert not fall_apart(begin([f"Meeting {n}: sales grew by {n} percent, hiring is frozen." for n in range(200)]))


def test_what_is_asked_for_is_a_task() -> None:
    texts = [f"the {DRAW.choice(THINGS)} {DRAW.choice(FAULTS)} on day {n}" for n in range(200)]
    asked = ("Summarise the following text in one sentence:", "Please translate the following text into French:")
    assert fall_apart(begin([f"{asked[n % 2]}\n{text}" for n, text in enumerate(texts)]))
    assert not fall_apart(begin([f"{asked[0]}\n{text}" for text in texts]))
    assert not fall_apart(begin([f"{asked[n % 2]}\n{texts[n]}" for n in range(10)])), "too few to tell"


def test_what_is_put_into_a_prompt_makes_no_use_case() -> None:
    people = [(name, plan) for name in ("Ann Lee", "Bob Roy", "Carla Diaz") for plan in ("Free", "Pro")]
    prompts = [
        frozenset(
            sentences(f"You are a polite writer at Northwind. The customer is {name}, on the plan {plan}. Be brief.")
        )
        for name, plan in people
    ]
    (template,) = find_templates([(prompt, 20.0) for prompt in prompts], 10)
    assert all(template < prompt for prompt in prompts)
    tasks = ("Write a reply to the customer below.", "Classify the mail of the customer below.")
    others = [frozenset(sentences(f"You work in the help desk at Northwind. {task}")) for task in tasks]
    assert len(find_templates([(prompt, 20.0) for prompt in others], 10)) == 2


def test_an_opening_goes_on_behind_what_is_put_into_it() -> None:
    invoices = [f"This is invoice {n} from {('Acme', 'Globex', 'Initech')[n % 3]}: {n} EUR are due." for n in range(90)]
    assert len(find_openings(begin(invoices), 5)) == 1
    asked = [f"{('Translate', 'Summarise')[n % 2]} the following text for a manager: {n}" for n in range(90)]
    assert len(find_openings(begin(asked), 5)) == 2
