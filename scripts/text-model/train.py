"""Trains the tokenizer and the language model on distinct records and writes them as one ONNX file.

    train.py RECORDS.jsonl OUT.onnx

RECORDS.jsonl is what `openledger-engine text distinct` writes: normalised texts, copies left out.
The same versions on the same processor give the same bytes; another processor rounds differently.
"""

import json
import sys
import time

import numpy as np

import export
import network
import tokenizer

VOCABULARY, EMBEDDING, WIDTH = 2048, 192, 384
SEED, EPOCHS, LANES, STEPS = 1, 16, 16, 48
RATE, WARM, DROPOUT, DECAY, CLIP = 3e-3, 200, 0.3, 1e-4, 1.0
# Weights are averaged over the last steps, each this much older than the one before.
AVERAGE = 0.995


def stream(texts, random):
    """All texts in a random order, END before each."""
    order = random.permutation(len(texts))
    return np.concatenate([[tokenizer.END, *texts[i]] for i in order] + [[tokenizer.END]])


def lanes(tokens):
    """The stream cut into LANES rows side by side: inputs and targets, [T, LANES]."""
    length = (len(tokens) - 1) // LANES
    cut = lambda part: part[: length * LANES].reshape(LANES, length).T
    return cut(tokens[:-1]), cut(tokens[1:])


def fit(texts, vocabulary):
    """Adam with decoupled decay, a cosine schedule, and an average of the last weights."""
    random = np.random.default_rng(SEED)
    theta = network.initial(vocabulary, EMBEDDING, WIDTH, SEED)
    first = {name: np.zeros_like(value) for name, value in theta.items()}
    second = {name: np.zeros_like(value) for name, value in theta.items()}
    average = {name: value.copy() for name, value in theta.items()}
    per_epoch = -(-((sum(map(len, texts)) + len(texts)) // LANES) // STEPS)
    total, step, began = EPOCHS * per_epoch, 0, time.time()
    for epoch in range(EPOCHS):
        inputs, targets = lanes(stream(texts, random))
        state = np.zeros((LANES, WIDTH), np.float32)
        sums = []
        for start in range(0, len(inputs), STEPS):
            part, wanted = inputs[start : start + STEPS], targets[start : start + STEPS]
            logits, state, kept = network.forward(theta, part, state, random, DROPOUT)
            loss, d_logits = network.losses(logits, wanted.ravel())
            grad = network.backward(theta, kept, d_logits)
            sums.append(loss.mean())
            step += 1
            norm = np.sqrt(sum(float((value * value).sum()) for value in grad.values()))
            rate = RATE * min(step / WARM, 0.5 + 0.5 * np.cos(np.pi * min(step / total, 1)))
            scale = min(1.0, CLIP / (norm + 1e-9))
            step_size = rate / (1 - 0.9**step) * np.sqrt(1 - 0.99**step)
            for name, value in grad.items():
                value *= scale
                first[name] += 0.1 * (value - first[name])
                second[name] += 0.01 * (value * value - second[name])
                theta[name] -= step_size * (first[name] / (np.sqrt(second[name]) + 1e-8))
                theta[name] *= 1 - rate * DECAY
                average[name] += max(1 - AVERAGE, 1 / step) * (theta[name] - average[name])
        print(f"epoch {epoch + 1}: {np.mean(sums):.3f} nats a token, {time.time() - began:.0f} s", flush=True)
    return average


def main(records, out):
    with open(records, encoding="utf-8") as file:
        texts = [json.loads(line)["text"] for line in file]
    merges = tokenizer.train(texts, VOCABULARY)
    own = tokenizer.Tokenizer(merges)
    tokens = [own.encode(text) for text in texts]
    print(f"{len(texts)} records, {sum(map(len, tokens))} tokens of {own.size}")
    theta = fit(tokens, own.size)
    with open(out, "wb") as file:
        file.write(export.model(theta, merges))


if __name__ == "__main__":
    main(*sys.argv[1:])
