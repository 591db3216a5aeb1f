"""A Gaussian process that predicts the values of configurations. Larger values are better here.

C. E. Rasmussen and C. K. I. Williams, Gaussian Processes for Machine Learning, ch. 2 and 4: a Matern 5/2
kernel with a length scale for each feature, and noise. D. R. Jones et al., Efficient Global Optimization of Expensive
Black-Box Functions, J. Global Optimization 13 (1998): the expected improvement.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr
from sklearn.exceptions import ConvergenceWarning
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import ConstantKernel, Kernel, Matern, WhiteKernel

from tuning.domain.sampling.cube import Array

RESTARTS = 1
LENGTHS = (0.05, 20.0)
NOISE = (1e-6, 0.5)
WORST = 4.0
"""Values are clipped this far below the median, in units of the distance from the median to the best. Otherwise one run
with an extreme loss would flatten all others."""


@dataclass(frozen=True)
class Surrogate:
    """The fitted process, and the best mean that it predicts for a known configuration."""

    model: GaussianProcessRegressor
    best: float

    def improvement(self, features: Array) -> Array:
        """The expected improvement over the best of each row, in standard deviations of the values."""
        mean, observed = self.model.predict(features, return_std=True)
        noise = float(self.model.kernel_.k2.noise_level)  # of single runs
        deviation = np.sqrt(np.maximum(observed**2 - noise, 1e-12))
        z = (mean - self.best) / deviation
        density = np.exp(-0.5 * z**2) / np.sqrt(2 * np.pi)
        return np.asarray(deviation * (z * ndtr(z) + density))


def fitted(features: Array, values: Array, pending: Array, seed: int) -> Surrogate:
    """The surrogate of the ended trials, one row each. Running trials (`pending`) count with their predicted value."""
    middle, best = float(np.median(values)), float(np.max(values))
    kept = np.maximum(values, middle - WORST * (best - middle)) if best > middle else values
    scaled = np.asarray((kept - kept.mean()) / (kept.std() or 1.0))
    shape = Matern(length_scale=np.full(features.shape[1], 0.5), length_scale_bounds=LENGTHS, nu=2.5)
    kernel = ConstantKernel(1.0, (0.05, 20.0)) * shape + WhiteKernel(1e-2, NOISE)
    model = _fit(kernel, features, scaled, seed, restarts=RESTARTS)
    known = features
    if len(pending):
        known = np.vstack([features, pending])
        scaled = np.concatenate([scaled, model.predict(pending)])
        model = _fit(model.kernel_, known, scaled, seed, restarts=None)
    # The best mean, not the best value: the best value of noisy ones is partly luck.
    return Surrogate(model, float(np.max(model.predict(known))))


def _fit(kernel: Kernel, features: Array, values: Array, seed: int, restarts: int | None) -> GaussianProcessRegressor:
    """If `restarts` is None, the kernel is not optimized."""
    model = GaussianProcessRegressor(
        kernel,
        optimizer=None if restarts is None else "fmin_l_bfgs_b",
        n_restarts_optimizer=restarts or 0,
        random_state=seed,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return model.fit(features, values)
