"""The Keras model that a spec stands for."""

from __future__ import annotations

from typing import Any

from unframe.network.backend import Precision, load_keras, resolve
from unframe.network.spec import MOMENTUM, Spec

IMAGE = "thumbnail"
"""Name of the input: uint8 ``(batch, side, side, channels)``, RGB or grey, 0 to 255, as
`unframe.runtime.inputs.thumbnail` makes it."""

FRAMED = "framed"
"""Name of the output: float32 ``(batch, 1)``, probability of a frame, 0 to 1."""

LOGIT = "logit"
"""Name of the output of `with_logit`: float32 ``(batch, 1)``, of which that probability is the logistic function."""


def build(spec: Spec, precision: Precision = "auto") -> Any:
    """The network of a spec, ready to be trained.

    The post of 2016 gives no padding; it is ``same`` here, with which an earlier text of the post, which prints the
    sizes of every layer, agrees to the last of its parameters. Nor does it say how pixels are scaled and weights begin:
    pixels go from -1 to 1 here and convolutions begin as He et al. (2015) have it, with which plain gradient descent
    gets going sooner. Whatever the precision, weights and output are float32.

    Args:
        spec: The network and its optimiser.
        precision: What convolutions are calculated in.
    """
    keras = load_keras()
    layers = keras.layers
    policy = resolve(precision)
    image = keras.Input((spec.side, spec.side, spec.channels), dtype="uint8", name=IMAGE)
    x = layers.Rescaling(1 / 127.5, -1, dtype=policy)(image)
    for depth in spec.depths:
        x = _convolution(spec, depth, policy)(x)
        x = _pooled(x, spec, policy)
    x = _head(spec, policy)(x)
    if spec.dense:
        x = layers.Dense(spec.dense, activation="relu", dtype=policy)(x)
        x = layers.Dropout(spec.dropout, dtype=policy)(x)
    framed = layers.Dense(1, activation="sigmoid", dtype="float32", name=FRAMED)(x)
    model = keras.Model({IMAGE: image}, {FRAMED: framed})
    model.compile(optimizer=optimiser(spec), loss="binary_crossentropy", metrics=["accuracy"])
    return model


def with_logit(model: Any) -> Any:
    """A trained network as `unframe.runtime` reads it: the logit ``(batch, 1)`` in place of the probability.

    Args:
        model: What `build` made; the weights are shared with it, but for those of the last layer.
    """
    keras = load_keras()
    framed = model.get_layer(FRAMED)
    last = keras.layers.Dense(1, dtype="float32", name=LOGIT)
    logit = last(framed.input)
    last.set_weights(framed.get_weights())
    return keras.Model(model.input, {LOGIT: logit})


def _convolution(spec: Spec, depth: int, policy: str) -> Any:
    return load_keras().layers.Conv2D(
        depth,
        spec.kernel,
        strides=2 if spec.pooling == "stride" else 1,
        padding="same",
        activation="relu",
        kernel_initializer="he_uniform",
        dtype=policy,
    )


def _pooled(x: Any, spec: Spec, policy: str) -> Any:
    layers = load_keras().layers
    if spec.pooling == "stride":
        return x
    pool = layers.MaxPooling2D if spec.pooling == "maxpool" else layers.AveragePooling2D
    return pool(2, dtype=policy)(x)


def _head(spec: Spec, policy: str) -> Any:
    layers = load_keras().layers
    kinds = {"flatten": layers.Flatten, "gap": layers.GlobalAveragePooling2D, "gmp": layers.GlobalMaxPooling2D}
    return kinds[spec.head](dtype=policy)


def optimiser(spec: Spec) -> Any:
    """The Keras optimiser of a spec, with the learning rate's decay of 2016: ``lr / (1 + decay * iterations)``."""
    keras = load_keras()
    rate = keras.optimizers.schedules.InverseTimeDecay(spec.lr, decay_steps=1, decay_rate=spec.decay)
    if spec.optimiser in ("adam", "adamw"):
        return {"adam": keras.optimizers.Adam, "adamw": keras.optimizers.AdamW}[spec.optimiser](rate)
    momentum = 0.0 if spec.optimiser == "sgd" else MOMENTUM
    return keras.optimizers.SGD(rate, momentum=momentum, nesterov=spec.optimiser == "nesterov")
