"""The ADM protocol's chain, on the real architecture with random weights."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from PIL import Image
from torch_fidelity.feature_extractor_inceptionv3 import FeatureExtractorInceptionV3

from bench.__main__ import main
from bench.errors import BadInput
from bench.evaluation.extractor import load_extractor
from bench.evaluation.features import write_features
from bench.evaluation.reference import read_batch, read_reference
from bench.evaluation.rows import evaluation_rows
from bench.files.tensors import write_tensors
from bench.metrics.frechet import frechet_distance, frechet_of_gaussians
from bench.metrics.moments import Gaussian, fitted_gaussian


@pytest.fixture(scope="module")
def images():
    """Smooth ones, 8 of 64 x 64."""
    coarse = torch.rand((8, 3, 8, 8), generator=torch.Generator().manual_seed(0))
    return (
        (torch.nn.functional.interpolate(coarse, size=64, mode="bicubic") * 255)
        .clamp(0, 255)
        .byte()
    )


@pytest.fixture(scope="module")
def network(inception_weights):
    return FeatureExtractorInceptionV3(
        "inception", ["2048", "logits_unbiased"], feature_extractor_weights_path=inception_weights
    )


@pytest.fixture(scope="module")
def extractor(inception_weights):
    return load_extractor(inception_weights, "cpu")


@pytest.fixture(scope="module")
def features(extractor, images):
    return extractor(images)


def write_batch(path, images, **changes):
    rng = np.random.default_rng(0)
    contents = {"arr_0": images.permute(0, 2, 3, 1).numpy()}
    for suffix, width in (("", 2048), ("_s", 2023)):
        contents[f"mu{suffix}"] = rng.random(width)
        contents[f"sigma{suffix}"] = np.diag(rng.random(width))
    contents = {key: value for key, value in {**contents, **changes}.items() if value is not None}
    np.savez(path, **contents)
    return path


def test_pool_and_probabilities_are_torch_fidelitys(network, features, images):
    with torch.no_grad():
        pool, logits = network(images)
    torch.testing.assert_close(features["pool"], pool)
    torch.testing.assert_close(features["probabilities"], logits.softmax(1))
    assert features["pool"].std(0).mean() > 1e-3


def test_the_pool_alone_is_the_same(extractor, features, images):
    assert torch.equal(extractor.pool(images), features["pool"])


def test_spatial_features_in_the_evaluators_order(network, features, images):
    """17 x 17 positions, each with 7 channels of the raw convolution."""
    inputs = []
    network.Mixed_6d.branch1x1.register_forward_pre_hook(lambda module, args: inputs.append(args))
    with torch.no_grad():
        network(images)
        weight = network.Mixed_6d.branch1x1.conv.weight[:7, :, 0, 0]
        expected = torch.einsum("bchw,kc->bhwk", inputs[0][0], weight)
    assert features["spatial"].shape == (8, 2023)
    torch.testing.assert_close(features["spatial"].view(8, 17, 17, 7), expected)


def test_clean_features_are_of_images_resized_by_pil(network, features, images):
    resized = [
        np.stack(
            [
                np.asarray(
                    Image.fromarray(channel.astype(np.float32)).resize((299, 299), Image.BICUBIC)
                ).clip(0, 255)
                for channel in image
            ]
        )
        for image in images.numpy()
    ]
    hook = network.Conv2d_1a_3x3.register_forward_pre_hook(
        lambda module, args: (torch.from_numpy(np.stack(resized) / 128 - 1).float(),)
    )
    with torch.no_grad():
        found = network(images)[0]
    hook.remove()
    torch.testing.assert_close(features["clean_pool"], found, rtol=1e-4, atol=1e-5)
    assert not torch.allclose(features["clean_pool"], features["pool"], rtol=1e-3)


def test_the_batchs_own_statistics_count(extractor, features, images, tmp_path, inception_weights):
    batch = write_batch(tmp_path / "batch.npz", images)
    out = tmp_path / "reference.safetensors"
    arguments = ["--reference-batch", batch, "--extractor", inception_weights, "--out", out]
    assert main(["features", *map(str, arguments), "--device", "cpu"]) == 0
    samples = extractor(images.flip(-1))
    path = tmp_path / "samples.safetensors"
    write_features(path, samples, extractor.name, {"seed": 1, "indices": [0, 8]})
    (row,) = evaluation_rows([path], out, preview=5)
    stored = np.load(batch)
    for key, suffix, values in (("fid", "", samples["pool"]), ("sfid", "_s", samples["spatial"])):
        statistics = (torch.from_numpy(stored[f"{name}{suffix}"]) for name in ("mu", "sigma"))
        expected = frechet_of_gaussians(fitted_gaussian([values]), Gaussian(*statistics))
        assert row[key] == pytest.approx(expected, rel=1e-6)
    # Precision and the rest are against the batch's images.
    clean = frechet_distance(samples["clean_pool"], features["clean_pool"])
    assert row["clean_fid"] == pytest.approx(clean, rel=1e-6)
    assert row["precision"] > 0
    assert row["evaluator"] == extractor.name
    pool = read_reference(out)[0]["pool"].gaussian
    preview = frechet_of_gaussians(fitted_gaussian([samples["pool"][:5]]), pool)
    assert row["preview_fid"] == pytest.approx(preview, rel=1e-6)
    assert row["preview_samples"] == 5
    assert row["preview_fid"] != row["fid"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"mu_s": None, "sigma": None}, "lacks sigma, mu_s; it has arr_0, mu, sigma_s"),
        ({"arr_0": np.zeros((2, 3, 8, 8), np.uint8)}, r"arr_0 is no uint8 \[N, H, W, 3\]"),
        ({"arr_0": np.zeros((2, 8, 8, 3), np.float32)}, r"arr_0 is no uint8"),
        ({"arr_0": np.array([{"an": "object"}])}, "damaged, or no .npz file"),
        ({"mu": np.eye(2048)}, r"mu has the shape \[2048, 2048\], but \[2048\] is wanted"),
        ({"mu": np.zeros((2048, 1))}, r"mu has the shape \[2048, 1\]"),
        ({"sigma": np.ones(1)}, r"sigma has the shape \[1\], but \[2048, 2048\] is wanted"),
        ({"mu_s": np.zeros(2048)}, r"mu_s has the shape \[2048\], but \[2023\] is wanted"),
        ({"mu": np.full(2048, np.nan)}, "mu holds values that are not finite"),
    ],
)
def test_other_batches_are_refused(tmp_path, images, changes, message):
    with pytest.raises(BadInput, match=message):
        read_batch(write_batch(tmp_path / "batch.npz", images, **changes))


def test_what_is_no_batch_is_refused(tmp_path):
    with pytest.raises(BadInput, match="no such file"):
        read_batch(tmp_path / "absent.npz")
    page = tmp_path / "page.npz"
    page.write_text("<html>404</html>")
    with pytest.raises(BadInput, match="damaged, or no"):
        read_batch(page)


def test_other_weights_are_refused(tmp_path):
    path = tmp_path / "other.pth"
    torch.save({"conv.weight": torch.zeros(3)}, path)
    with pytest.raises(BadInput, match="of no network that gives features"):
        load_extractor(path, "cpu")
    torch.save({"Conv2d_1a_3x3.conv.weight": torch.zeros(3)}, path)
    with pytest.raises(BadInput, match="not torch-fidelity's Inception weights"):
        load_extractor(path, "cpu")


def test_weights_that_would_run_code_are_refused(tmp_path):
    ran = tmp_path / "ran"

    class Malicious:
        def __reduce__(self):
            return open, (str(ran), "w")

    path = tmp_path / "weights.pth"
    torch.save({"conv.weight": Malicious()}, path)
    with pytest.raises(BadInput, match="holds more than tensors"):
        load_extractor(path, "cpu")
    assert not ran.exists()


def test_truncated_features_are_refused(tmp_path, features, extractor):
    path = tmp_path / "features.safetensors"
    tensors = {"pool": features["pool"], "spatial": features["spatial"]}
    write_tensors(path, tensors, {"kind": "features", "extractor": extractor.name, "source": {}})
    with pytest.raises(BadInput, match="lacks probabilities"):
        read_reference(path)
