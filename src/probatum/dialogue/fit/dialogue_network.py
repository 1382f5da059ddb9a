"""Fitting the dialogue network with torch: first to tell dialogues from corrupted ones, then to what is known of turns.

The first needs no labels [1]_: of a stretch and three corruptions of it (the answer of another dialogue, the words of another
dialogue, two turns in the wrong order) the network is to know the true one (InfoNCE [2]_), and which turns were touched.
Half of what is put in comes from the most similar turn of the batch, so that words alone do not tell. The second sums the losses of
all tasks, each weighed by an uncertainty that is fitted too [3]_.

References
----------
.. [1] Kachuee, Yuan, Kim, Lee. "Self-Supervised Contrastive Learning for Efficient User Satisfaction Prediction in
   Conversational Agents." NAACL 2021.
.. [2] van den Oord, Li, Vinyals. "Representation Learning with Contrastive Predictive Coding." arXiv:1807.03748.
.. [3] Kendall, Gal, Cipolla. "Multi-Task Learning Using Uncertainty to Weigh Losses." CVPR 2018.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from probatum.dialogue.fit.dialogue_examples import Example, columns, parted, scaling
from probatum.dialogue.semantics.dialogue_inputs import NEAR
from probatum.dialogue.semantics.dialogue_network import ATTENTION_HEADS, LAYERS, DialogueNetwork
from probatum.dialogue.semantics.dialogues import FEATURES, MOST_TURNS, stretches

WIDTH = 64
_BATCH = 32
_RATE = 2e-3
_LOUD = 8.0  # what vectors are multiplied by while weights are fitted: their entries are small, and steps are of one size
_DROPPED = 0.2  # of inputs and of what layers add
_HIDDEN = 0.3  # share of stretches of which a group of features is not shown, as many logs do not have it
_CORRUPTIONS = 3
_pretraining = ("whole.weight", "touched.weight", "touched.bias")  # not kept


def fit(
    examples: Sequence[Example],
    *,
    intents: Sequence[str],
    vectors: str,
    seed: int,
    unlabelled: Sequence[Example] = (),
    pretraining: int = 0,
    epochs: int = 30,
    card: Mapping[str, Any] | None = None,
) -> DialogueNetwork:
    """Fit a network.

    Parameters
    ----------
    examples : sequence of Example
        The weights are those of the epoch with the least loss on a fifth of the groups, to which they are not fitted.
    intents : sequence of str
    vectors : str
        Digest of what made the vectors.
    seed : int
        The same input, seed and version of torch give the same weights.
    unlabelled : sequence of Example
        Further dialogues to pretrain on.
    pretraining, epochs : int
        Passes of each part. Of the first there are none by default: where logs tell something of every turn, 8 passes were not shown to
        help in pairs of the same seed, and took 1.5 to 1.8 times as long (`bench/dialogue/pretraining.py`). They are for dialogues of
        which little is known.
    card : mapping, optional
        Kept with the weights.

    Raises
    ------
    ValueError
        If there are too few groups.
    """
    random = np.random.default_rng(seed)
    chance = torch.Generator().manual_seed(seed)
    rest, aside = parted(examples, random)
    where = columns(len(intents))
    batch = _packed(rest)
    weights = _beginning(batch.texts.shape[-1], max(one.stop for one in where.values()), chance)
    centre, scale = scaling(rest)
    weights["centre"], weights["scale"] = torch.tensor(centre), torch.tensor(scale)
    free = {name: value.requires_grad_() for name, value in weights.items() if name not in ("centre", "scale")}
    told: dict[str, Any] = {"sessions": len(examples), "turns": sum(len(one.session) for one in examples), "seed": seed}
    if pretraining:
        every = _packed([*rest, *unlabelled]) if unlabelled else batch
        told["told_apart"] = round(_pretrained(weights, free, every, pretraining, chance), 4)
    doubt = torch.zeros(len(where), requires_grad=True)
    kept = {name: value for name, value in free.items() if name not in _pretraining}
    optimiser = torch.optim.AdamW([*kept.values(), doubt], lr=_RATE, weight_decay=0.02)
    shown = _packed(aside)
    best: tuple[float, int, dict[str, Tensor]] = (float("inf"), 0, {})
    for epoch in range(epochs):
        for group in optimiser.param_groups:
            group["lr"] = _RATE * min(1.0, 2 * (1 - epoch / epochs))
        for at in torch.randperm(len(batch.texts), generator=chance).split(_BATCH):
            part = _hidden(batch.rows(at), chance)
            losses = _losses(_forward(weights, part, chance)[0], part, where)
            loss = sum((torch.exp(-doubt[task]) * one + doubt[task] for task, one in losses.items()), torch.zeros(()))
            optimiser.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_([*kept.values(), doubt], 1.0)
            optimiser.step()
        with torch.no_grad():
            losses = _losses(_forward(weights, shown, None)[0], shown, where)
            loss_there = float(sum(losses.values()))
        if loss_there < best[0]:
            best = loss_there, epoch, {name: value.detach().clone() for name, value in kept.items()}
    arrays = {name: value.numpy().astype(np.float32) for name, value in best[2].items()}
    arrays["enter.weight"][: 2 * batch.texts.shape[-1]] *= np.float32(_LOUD)
    arrays |= {"centre": centre, "scale": scale}
    told |= {"loss": round(best[0], 4), "epoch": best[1], "torch": torch.__version__}
    return DialogueNetwork(arrays, tuple(intents), vectors, {**(card or {}), **told})


@dataclass(frozen=True, slots=True)
class _Batch:
    """Stretches, padded to one length: (B, n, ...); `there` is (B, n)."""

    texts: Tensor
    answers: Tensor
    seen: Tensor
    known: Tensor
    there: Tensor
    outcome: Tensor
    begins: Tensor
    success: Tensor
    failing: Tensor
    intent: Tensor

    def rows(self, at: Tensor) -> _Batch:
        return _Batch(*(getattr(self, name)[at] for name in self.__slots__))

    def instead(self, **other: Tensor) -> _Batch:
        return _Batch(*(other.get(name, getattr(self, name)) for name in self.__slots__))


def _packed(examples: Sequence[Example]) -> _Batch:
    parts = [one.part(begin, end) for one in examples for begin, end, _, _ in stretches(len(one.session))]

    def padded(arrays: list[Any], empty: float) -> Tensor:
        first = arrays[0]
        out = np.full((len(arrays), MOST_TURNS, *first.shape[1:]), empty, dtype=first.dtype)
        for row, array in zip(out, arrays, strict=True):
            row[: len(array)] = array
        return torch.from_numpy(out)

    return _Batch(
        padded([one.session.texts for one in parts], 0),
        padded([one.session.answers for one in parts], 0),
        padded([one.session.seen for one in parts], 0),
        padded([one.session.known for one in parts], 0),
        padded([np.ones(len(one.session), dtype=bool) for one in parts], 0),
        padded([one.outcome for one in parts], np.nan),
        padded([one.begins for one in parts], np.nan),
        padded([one.success for one in parts], np.nan),
        padded([one.failing for one in parts], -1),
        padded([one.intent for one in parts], -1),
    )


def _beginning(width: int, logits: int, chance: torch.Generator) -> dict[str, Tensor]:
    shown, d = 2 * width + NEAR + 2 * len(FEATURES), WIDTH

    def drawn(*shape: int) -> Tensor:
        return torch.randn(*shape, generator=chance) / shape[0] ** 0.5

    weights = {
        "enter.weight": drawn(shown, d) * (shown / 64) ** 0.5, "enter.bias": torch.zeros(d),
        "leave.scale": torch.ones(d), "leave.shift": torch.zeros(d),
        "heads.weight": drawn(d, logits) * 0.1, "heads.bias": torch.zeros(logits),
        "whole.weight": drawn(d, 1), "touched.weight": drawn(d, 1), "touched.bias": torch.zeros(1),
    }  # fmt: skip  # a table
    for layer in range(LAYERS):
        weights |= {
            f"{layer}.attention.scale": torch.ones(d), f"{layer}.attention.shift": torch.zeros(d),
            f"{layer}.attention.weight": drawn(d, 3 * d), f"{layer}.attention.bias": torch.zeros(3 * d),
            f"{layer}.attention.apart": torch.zeros(ATTENTION_HEADS, 2 * MOST_TURNS - 1),
            f"{layer}.mixed.weight": drawn(d, d) * 0.5, f"{layer}.mixed.bias": torch.zeros(d),
            f"{layer}.wide.scale": torch.ones(d), f"{layer}.wide.shift": torch.zeros(d),
            f"{layer}.wide.weight": drawn(d, 2 * d), f"{layer}.wide.bias": torch.zeros(2 * d),
            f"{layer}.narrow.weight": drawn(2 * d, d) * 0.5, f"{layer}.narrow.bias": torch.zeros(d),
        }  # fmt: skip  # a table
    return weights


def _forward(own: Mapping[str, Tensor], batch: _Batch, chance: torch.Generator | None) -> tuple[Tensor, Tensor]:
    """Return logits (B, n, L), and what they are made of (B, n, d); as `DialogueNetwork.logits`, with what is padded left out."""
    texts, answers = batch.texts, batch.answers
    near = torch.zeros(*texts.shape[:-1], NEAR)
    near[:, 1:, 0] = near[:, :-1, 3] = (texts[:, 1:] * texts[:, :-1]).sum(-1)
    near[:, 1:, 1] = near[:, :-1, 4] = (texts[:, 1:] * answers[:, :-1]).sum(-1)
    near[:, :, 2] = (texts * answers).sum(-1)
    centred = (batch.seen - own["centre"]) * own["scale"] * batch.known
    shown = torch.cat([_LOUD * texts, _LOUD * answers, near, centred, batch.known], -1)
    x = _dropped(shown, chance) @ own["enter.weight"] + own["enter.bias"]  # (B, n, d)
    n = x.shape[1]
    apart = torch.arange(n)[None, :] - torch.arange(n)[:, None] + MOST_TURNS - 1
    closed = torch.where(batch.there, 0.0, -1e9)[:, None, None, :]  # (B, 1, 1, n)
    for layer in range(LAYERS):
        y = _normalised(x, own, f"{layer}.attention")
        three = y @ own[f"{layer}.attention.weight"] + own[f"{layer}.attention.bias"]
        q, k, v = three.reshape(len(x), n, 3, ATTENTION_HEADS, -1).permute(2, 0, 3, 1, 4)  # 3 times (B, H, n, size)
        weights = q @ k.transpose(-1, -2) * q.shape[-1] ** -0.5 + own[f"{layer}.attention.apart"][:, apart] + closed
        heard = (weights.softmax(-1) @ v).transpose(1, 2).reshape(x.shape)
        x = x + _dropped(heard @ own[f"{layer}.mixed.weight"] + own[f"{layer}.mixed.bias"], chance)
        y = _normalised(x, own, f"{layer}.wide") @ own[f"{layer}.wide.weight"] + own[f"{layer}.wide.bias"]
        y = functional.gelu(y, approximate="tanh")
        x = x + _dropped(y @ own[f"{layer}.narrow.weight"] + own[f"{layer}.narrow.bias"], chance)
    x = _normalised(x, own, "leave")
    return x @ own["heads.weight"] + own["heads.bias"], x


def _normalised(x: Tensor, own: Mapping[str, Tensor], name: str) -> Tensor:
    return functional.layer_norm(x, x.shape[-1:], own[f"{name}.scale"], own[f"{name}.shift"], 1e-5)


def _dropped(x: Tensor, chance: torch.Generator | None) -> Tensor:
    if chance is None:
        return x
    return x * (torch.rand(x.shape, generator=chance) >= _DROPPED) / (1 - _DROPPED)


def _hidden(batch: _Batch, chance: torch.Generator) -> _Batch:
    """Hide, of some stretches, all features of a kind; and of some, single ones."""
    known = batch.known.clone()
    kinds = [name.split("_")[0] for name in FEATURES]
    for kind in dict.fromkeys(kinds):
        places = [at for at, name in enumerate(kinds) if name == kind]
        gone = torch.rand(len(known), 1, 1, generator=chance) < _HIDDEN
        known[:, :, places] = torch.where(gone, 0.0, known[:, :, places])
    return batch.instead(known=known)


def _losses(logits: Tensor, batch: _Batch, where: Mapping[str, slice]) -> dict[int, Tensor]:
    """Return the mean loss of each task of which anything is known, by the place of the task."""
    found = {}
    for task, (name, part) in enumerate(where.items()):
        true, z = getattr(batch, name), logits[..., part]
        if name == "outcome":
            known = ~true.isnan().any(-1)
            loss = functional.cross_entropy(z[known], true[known]) if known.any() else None
        elif name in ("begins", "success"):
            known = ~true.isnan()
            loss = functional.binary_cross_entropy_with_logits(z[..., 0][known], true[known]) if known.any() else None
        else:
            known = true >= 0
            loss = functional.cross_entropy(z[known], true[known]) if known.any() else None
        if loss is not None:
            found[task] = loss
    return found


def _pretrained(
    weights: dict[str, Tensor], free: Mapping[str, Tensor], batch: _Batch, epochs: int, chance: torch.Generator
) -> float:
    """Fit to tell stretches from corrupted ones; return the share of true ones that were told in the last pass."""
    optimiser = torch.optim.AdamW(list(free.values()), lr=_RATE, weight_decay=0.02)
    long = torch.nonzero(batch.there.sum(1) > 1)[:, 0]
    right = seen = 0
    for epoch in range(epochs):
        for at in long[torch.randperm(len(long), generator=chance)].split(_BATCH):
            if len(at) < 2:
                continue
            true = batch.rows(at)
            # Features would tell: they are of the turns as they were.
            true = true.instead(known=torch.zeros_like(true.known))
            versions = [(true, torch.zeros_like(true.there)), *(_corrupted(true, kind, chance) for kind in range(_CORRUPTIONS))]
            whole = []
            touched_loss = torch.zeros(())
            for version, touched in versions:
                x = _forward(weights, version, chance)[1]
                there = version.there
                mean = (x * there[..., None]).sum(1) / there.sum(1, keepdim=True)
                whole.append((mean @ weights["whole.weight"])[:, 0])
                z = (x @ weights["touched.weight"] + weights["touched.bias"])[..., 0]
                touched_loss = touched_loss + functional.binary_cross_entropy_with_logits(z[there], touched[there].float())
            scores = torch.stack(whole, 1)  # (B, versions): free numbers, so a temperature would change nothing
            loss = functional.cross_entropy(scores, torch.zeros(len(at), dtype=torch.long)) + touched_loss / len(versions)
            optimiser.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(list(free.values()), 1.0)
            optimiser.step()
            if epoch == epochs - 1:
                right += int((scores.argmax(1) == 0).sum())
                seen += len(at)
    return right / max(1, seen)


def _corrupted(batch: _Batch, kind: int, chance: torch.Generator) -> tuple[_Batch, Tensor]:
    """Return corrupted stretches of at least two turns, and which turns were touched (B, n)."""
    many, n = batch.there.shape
    length = batch.there.sum(1)
    row = torch.arange(many)
    at = (torch.rand(many, generator=chance) * length).long()
    touched = torch.zeros_like(batch.there)
    if kind == _CORRUPTIONS - 1:
        at = torch.minimum(at, length - 2)
        order = torch.arange(n).repeat(many, 1)
        order[row, at], order[row, at + 1] = at + 1, at
        touched[row, at] = touched[row, at + 1] = True
        wide = order[..., None].expand(-1, -1, batch.texts.shape[-1])
        return batch.instead(texts=batch.texts.gather(1, wide), answers=batch.answers.gather(1, wide)), touched
    alike = torch.einsum("bw,cnw->bcn", batch.texts[row, at], batch.texts)  # (B, B, n)
    alike = alike.masked_fill(~batch.there[None], -9).masked_fill(torch.eye(many, dtype=torch.bool)[..., None], -9)
    drawn = torch.rand(alike.shape, generator=chance).masked_fill(alike <= -9, -1)
    near = torch.rand(many, 1, generator=chance) < 0.5
    other = torch.where(near[..., None], alike, drawn).reshape(many, -1).argmax(1)
    name = ("answers", "texts")[kind]
    own = getattr(batch, name).clone()
    own[row, at] = own.reshape(many * n, -1)[other]
    touched[row, at] = True
    return batch.instead(**{name: own}), touched
