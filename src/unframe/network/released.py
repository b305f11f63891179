"""The network of the released model: it sees the whole picture small and each side at nearly full resolution.

Two branches see the two inputs of `unframe.runtime.views`. One reads the thumbnail: what is shown, and how it fills the
picture. The other reads the four strips with one set of weights: first along the side (does a line run from end to
end?), then across it with an ever wider view (where do bands begin and end?). What the four sides and the thumbnail say
is brought together in a context, from which the verdict comes. The context then goes back to each side, where it scales
and shifts the features (feature-wise linear modulation: Perez et al., "FiLM: Visual Reasoning with a General
Conditioning Layer", AAAI 2018), so that the whole picture decides whether a line is a frame or the product's own edge.

All outputs are logits in float32:

- ``logit`` ``(batch, 1)``: the picture is framed;
- ``inner`` ``(batch, 4, 96)``: for each side the row of its strip in which the photograph begins, row 0 standing for a
  side without frame;
- ``outer`` ``(batch, 4, 96)``: likewise where the frame begins, row 0 standing for the image edge;
- ``kind`` ``(batch, 6)``, in the order of `unframe.types.KINDS`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from unframe.network.backend import Precision, load_keras, resolve
from unframe.runtime.views import ALONG, CHANNELS, DEPTH, THUMBNAIL
from unframe.types import KINDS, SIDES

NAME = "views96-strips96x32"
"""What cards call this architecture."""

Tensor = Any


@dataclass(frozen=True, slots=True)
class Widths:
    """How many channels the network has, layer by layer.

    Attributes:
        thumbnail: Of the convolutions over the thumbnail; the last width is that of two.
        strips: Of the three convolutions along a side.
        across: Of the convolutions across a side, and of what a side says as a whole.
        context: Of what thumbnail and sides say together.
        dropout: Share of the features that are dropped before each summary, in training.
    """

    thumbnail: tuple[int, int, int, int, int] = (16, 32, 48, 80, 112)
    strips: tuple[int, int, int] = (16, 24, 32)
    across: int = 48
    context: int = 128
    dropout: float = 0.1


def build(widths: Widths | None = None, precision: Precision = "auto") -> Any:
    """The network, not yet compiled.

    Args:
        widths: Channels of each layer; the released model's when omitted.
        precision: What convolutions are calculated in. Weights and outputs are float32 whatever it is.

    Returns:
        A functional Keras model from ``{"thumbnail": ..., "strips": ...}``, uint8 as `unframe.runtime.views.views`
        gives them, to a dictionary of the four outputs.
    """
    return _Builder(widths or Widths(), resolve(precision)).model()


class _Builder:
    """Carries widths and precision from layer to layer."""

    def __init__(self, widths: Widths, policy: str) -> None:
        self.keras = load_keras()
        self.layers = self.keras.layers
        self.ops = self.keras.ops
        self.widths = widths
        self.policy = policy

    def model(self) -> Any:
        """The whole network."""
        thumbnail = self.keras.Input((THUMBNAIL, THUMBNAIL, 3), dtype="uint8", name="thumbnail")
        strips = self.keras.Input((len(SIDES), DEPTH, ALONG, CHANNELS), dtype="uint8", name="strips")
        seen = self.seen(thumbnail)
        across = self.across(strips)
        said = self.said(across)
        context = self.context(seen, said)
        instruction = self.instruction(said, context)
        absent = self.layers.Dense(2, dtype=self.policy)(instruction)
        places = self.places(self.modulated(across, instruction), absent)
        outputs = self.verdict(context, absent) | {"inner": places[:, 0], "outer": places[:, 1]}
        named = {name: self.layers.Identity(name=name, dtype="float32")(value) for name, value in outputs.items()}
        return self.keras.Model({"thumbnail": thumbnail, "strips": strips}, named)

    def seen(self, thumbnail: Tensor) -> Tensor:
        """What the thumbnail shows: ``(batch, features)``."""
        first, second, third, fourth, fifth = self.widths.thumbnail
        x = self.scaled(thumbnail)
        x = self.conv(x, first, 3, strides=2)
        x = self.conv(x, second, 3, strides=2)
        x = self.halved(self.conv(x, third, 3))
        x = self.halved(self.conv(x, fourth, 3))
        x = self.conv(x, fifth, 3)
        x = self.layers.Add(dtype=self.policy)([x, self.conv(x, fifth, 3)])
        # Means and maxima forget where things are; a small grid remembers it.
        grid = self.layers.Flatten()(self.conv(self.layers.AveragePooling2D(2)(x), 16, 1))
        return self.dense(self.dropped(self.joined(*self.pooled(x), grid)), self.widths.context * 2 // 3)

    def across(self, strips: Tensor) -> Tensor:
        """What every row of a strip shows: ``(batch * 4, 96, 1, features)``."""
        first, second, third = self.widths.strips
        x = self.ops.reshape(strips, (-1, DEPTH, ALONG, CHANNELS))
        x = self.conv(self.scaled(x), first, (3, 4), strides=(1, 4))
        x = self.conv(x, second, 3)
        x = self.conv(x, third, 3, strides=(1, 2))
        # A frame is a frame only if it runs along the whole side: from here on all columns are seen together.
        x = self.layers.Reshape((DEPTH, 1, ALONG // 8 * third))(x)
        x = self.conv(x, self.widths.across, 1)
        for dilation in (1, 4):
            x = self.layers.Add(dtype=self.policy)([x, self.conv(x, self.widths.across, (5, 1), dilation=dilation)])
        return x

    def said(self, across: Tensor) -> Tensor:
        """What a side says as a whole: ``(batch * 4, features)``."""
        return self.dense(self.dropped(self.joined(*self.pooled(across))), self.widths.across)

    def context(self, seen: Tensor, said: Tensor) -> Tensor:
        """What thumbnail and sides say together, whatever the sides' order: ``(batch, features)``."""
        sides = self.ops.reshape(said, (-1, len(SIDES), self.widths.across))
        return self.dense(
            self.joined(seen, self.ops.mean(sides, axis=1), self.ops.max(sides, axis=1)), self.widths.context
        )

    def instruction(self, said: Tensor, context: Tensor) -> Tensor:
        """What a side needs to know of itself and of the whole: ``(batch * 4, features)``."""
        repeated = self.ops.reshape(self.layers.RepeatVector(len(SIDES))(context), (-1, self.widths.context))
        return self.joined(said, repeated)

    def modulated(self, across: Tensor, instruction: Tensor) -> Tensor:
        """The rows of a strip, their features scaled and shifted as the whole picture demands."""
        width = self.widths.across
        scale, shift = (
            self.layers.Reshape((1, 1, width))(self.layers.Dense(width, dtype=self.policy)(instruction))
            for _ in range(2)
        )
        product = self.layers.Multiply(dtype=self.policy)([across, scale])
        x = self.layers.Add(dtype=self.policy)([product, shift, across])
        return self.conv(self.layers.Activation("relu", dtype=self.policy)(x), self.widths.across, (5, 1))

    def places(self, rows: Tensor, absent: Tensor) -> Tensor:
        """Logits of where frames end and begin: ``(batch, 2, 4, 96)``. Row 0, at the very edge, says there is none."""
        logits = self.layers.Conv2D(2, (3, 1), padding="same", dtype=self.policy)(rows)
        logits = self.ops.reshape(logits, (-1, DEPTH, 2))[:, 1:]
        logits = self.layers.Concatenate(axis=1, dtype=self.policy)([self.ops.reshape(absent, (-1, 1, 2)), logits])
        return self.ops.transpose(self.ops.reshape(logits, (-1, len(SIDES), DEPTH, 2)), (0, 3, 1, 2))

    def verdict(self, context: Tensor, absent: Tensor) -> dict[str, Tensor]:
        """Whether there is a frame and of which kind, with what the sides themselves say about it in view."""
        sides = self.ops.reshape(absent, (-1, len(SIDES), 2))[:, :, 0]
        summary = [pool(sides, axis=1, keepdims=True) for pool in (self.ops.min, self.ops.mean, self.ops.max)]
        x = self.dense(self.dropped(self.joined(context, *summary)), 32)
        return {
            "logit": self.layers.Dense(1, dtype="float32")(x),
            "kind": self.layers.Dense(len(KINDS), dtype="float32")(x),
        }

    def scaled(self, x: Tensor) -> Tensor:
        """From 0 to 255 to -1 to 1."""
        return self.layers.Rescaling(1 / 127.5, -1, dtype=self.policy)(x)

    def conv(self, x: Tensor, width: int, kernel: Any, strides: Any = 1, dilation: int = 1) -> Tensor:
        """A convolution with batch normalisation and ReLU; a dilated one is dilated across the side only."""
        x = self.layers.Conv2D(
            width, kernel, strides, "same", dilation_rate=(dilation, 1), use_bias=False, dtype=self.policy
        )(x)
        x = self.layers.BatchNormalization(momentum=0.98, dtype=self.policy)(x)
        return self.layers.Activation("relu", dtype=self.policy)(x)

    def halved(self, x: Tensor) -> Tensor:
        """The maximum of every 2 × 2 cells."""
        return self.layers.MaxPooling2D(2, dtype=self.policy)(x)

    def pooled(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and maximum of every feature over all places."""
        mean, most = self.layers.GlobalAveragePooling2D, self.layers.GlobalMaxPooling2D
        return mean(dtype=self.policy)(x), most(dtype=self.policy)(x)

    def joined(self, *parts: Tensor) -> Tensor:
        """Features side by side."""
        return self.layers.Concatenate(dtype=self.policy)(list(parts))

    def dropped(self, x: Tensor) -> Tensor:
        """The features with some of them dropped, in training."""
        return self.layers.Dropout(self.widths.dropout, dtype=self.policy)(x)

    def dense(self, x: Tensor, width: int) -> Tensor:
        """A fully connected layer with ReLU."""
        return self.layers.Dense(width, activation="relu", dtype=self.policy)(x)
