"""Names of networks: read, written, counted, refused."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unframe.errors import SettingsError
from unframe.network.spec import PARTS, Spec

BEST = "128_32-32-32-32_conv3_fc16_sgd_lr_0_01_decay_0_00005"

rates = st.decimals("0.0001", "0.9", places=4).map(float)
specs = st.builds(
    Spec,
    side=st.integers(64, 512),
    depths=st.lists(st.integers(1, 512), min_size=1, max_size=6).map(tuple),
    kernel=st.sampled_from([1, 3, 5, 7, 9, 11, 13, 15]),
    dense=st.integers(0, 1024),
    optimiser=st.sampled_from(["sgd", "sgdm", "nesterov", "adam", "adamw"]),
    lr=rates,
    decay=rates,
    pooling=st.sampled_from(["maxpool", "avgpool", "stride"]),
    head=st.sampled_from(["flatten", "gap", "gmp"]),
    colour=st.sampled_from(["rgb", "grey"]),
    dropout=rates,
    batch=st.integers(1, 4096),
)


def test_the_best_network_of_2016() -> None:
    spec = Spec.parse(BEST)
    assert spec == Spec()
    assert str(spec) == BEST
    assert (spec.side, spec.depths, spec.kernel, spec.dense) == (128, (32, 32, 32, 32), 3, 16)
    assert (spec.optimiser, spec.lr, spec.decay) == ("sgd", 0.01, 0.00005)
    assert spec.parameters == 61_441


@pytest.mark.parametrize(
    ("short", "whole"),
    [
        ("16-16-16-16_conv3", "128_16-16-16-16_conv3_fc16_sgd_lr_0_01_decay_0_00005"),
        ("16-16-16-16_conv7_lr_0_03", "128_16-16-16-16_conv7_fc16_sgd_lr_0_03_decay_0_00005"),
        ("lr_0_02_decay_0_01", "128_32-32-32-32_conv3_fc16_sgd_lr_0_02_decay_0_01"),
        ("adam_conv5_8-16", "128_8-16_conv5_fc16_adam_lr_0_01_decay_0_00005"),
        ("64_8", "64_8_conv3_fc16_sgd_lr_0_01_decay_0_00005"),
        ("lr_1_decay_0", "128_32-32-32-32_conv3_fc16_sgd_lr_1_decay_0"),
        (
            "gap_grey_16-16_drop_0_5_avgpool_batch64",
            "128_16-16_conv3_fc16_sgd_lr_0_01_decay_0_00005_avgpool_gap_grey_drop_0_5_batch64",
        ),
        (f"{BEST}_maxpool_flatten_rgb_batch16", BEST),
    ],
)
def test_short_names_and_any_order(short: str, whole: str) -> None:
    assert str(Spec.parse(short)) == whole


@given(specs)
def test_what_is_written_is_read_back(spec: Spec) -> None:
    assert Spec.parse(str(spec)) == spec
    assert str(Spec.parse(str(spec))) == str(spec)


@given(specs, st.randoms(use_true_random=False))
def test_order_does_not_matter(spec: Spec, random: object) -> None:
    parts = [part.write(getattr(spec, part.field)) for part in PARTS]
    rest = parts[1:]
    random.shuffle(rest)  # type: ignore[attr-defined]
    assert Spec.parse("_".join([parts[0], *rest])) == spec


@pytest.mark.parametrize(
    ("name", "wrong", "says"),
    [
        ("128_32-32_kernel3_fc16", "kernel3", "conv with an odd kernel"),
        ("128_32-32_conv4", "conv4", "odd kernel of 1 to 15"),
        ("128_32-32_conv", "conv", "as conv3"),
        ("128_32-32_conv3_fc2000", "fc2000", "0 to 1024"),
        ("128_32-32_conv3_lr_0", "lr_0", "above 0"),
        ("128_32-32_conv3_lr_0.01", "lr", "as lr_0_01"),
        ("128_32-32_sgd_adam", "adam", "second time"),
        ("8_32-32", "8", "16 to 512"),
        ("128_32-0-32", "32-0-32", "1 to 512 each"),
        ("32_8-8-8-8-8-8_conv3", "8-8-8-8-8-8", "fewer layers or a larger side"),
        ("128_32-32__conv3", "", "no part"),
        ("128_32-32_conv3_", "", "no part"),
        ("", "", "no part"),
        ("128_32-32_CONV3", "CONV3", "as conv3"),
        ("sgdx", "sgdx", "nesterov"),
    ],
)
def test_a_wrong_name_is_shown_where_it_is_wrong(name: str, wrong: str, says: str) -> None:
    with pytest.raises(SettingsError, match=re.escape(says)) as caught:
        Spec.parse(name)
    _, shown, marks, *_ = str(caught.value).splitlines()
    assert shown == f"  {name}"
    marked = range(marks.index("^"), len(marks))
    assert len(marked) == max(len(wrong), 1)
    assert shown[marked.start : marked.stop] == wrong or not wrong


@pytest.mark.parametrize(("field", "value"), [("kernel", 2), ("lr", 0.0), ("depths", ()), ("optimiser", "rmsprop")])
def test_a_wrong_value_is_refused_without_a_name_too(field: str, value: object) -> None:
    with pytest.raises(SettingsError, match=field):
        Spec(**{field: value})  # type: ignore[arg-type]
