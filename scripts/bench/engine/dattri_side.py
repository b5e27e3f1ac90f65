"""dattri's attributors and metrics, set up as well as they allow: everything in one batch, no loader
that collates record by record, f32 unless asked otherwise."""

import logging
import os
import sys
import warnings

# the package index has torch for CUDA only; scripts/bench-engine.sh leaves CUDA's libraries out, whose
# functions nothing here calls
sys.setdlopenflags(os.RTLD_LAZY)
# that there is no triton, which only GPUs need
logging.getLogger("torch.utils.flop_counter").setLevel(logging.ERROR)

# progress bars cost more than they show; read when tqdm is imported
os.environ["TQDM_DISABLE"] = "1"

import numpy as np
import torch
from dattri.algorithm.data_shapley import KNNShapleyAttributor
from dattri.algorithm.influence_function import IFAttributorCG, IFAttributorEKFAC, IFAttributorExplicit
from dattri.algorithm.trak import TRAKAttributor
from dattri.metric import lds, loo_corr, mislabel_detection_auc
from dattri.task import AttributionTask

warnings.filterwarnings("ignore", module="dattri")


class Batch:
    """A loader of one batch."""

    def __init__(self, x, y, dtype=torch.float32):
        self.data = [torch.as_tensor(x).to(dtype), torch.as_tensor(y)]
        self.sampler = range(len(y))
        self.batch_size = len(y)

    def __iter__(self):
        return iter([self.data])

    def __len__(self):
        return 1


def linear(theta, dtype=torch.float32):
    """A softmax regression `[features + 1, classes]`, its bias last."""
    model = torch.nn.Linear(theta.shape[0] - 1, theta.shape[1]).to(dtype)
    with torch.no_grad():
        model.weight.copy_(torch.as_tensor(theta[:-1].T))
        model.bias.copy_(torch.as_tensor(theta[-1]))
    return model.eval()


def task(model, checkpoints=None):
    def loss(parameters, data):
        x, y = data
        out = torch.func.functional_call(model, parameters, x)
        return torch.nn.functional.cross_entropy(out, y.long())

    return AttributionTask(loss_func=loss, model=model, checkpoints=checkpoints or model.state_dict())


def explicit(model, train, l2, checkpoints=None):
    own = IFAttributorExplicit(task=task(model, checkpoints), regularization=l2)
    own.cache(train)
    return own


def conjugate(model, train, l2, steps):
    own = IFAttributorCG(task=task(model), max_iter=steps, regularization=l2)
    own.cache(train)
    return own


def ekfac(model, train, damping):
    """As shipped: eigenvectors from rows, biases out of place."""
    own = IFAttributorEKFAC(task=task(model), damping=damping)
    own.cache(train)
    return own


def trak(model, checkpoints, train, query, width):
    """Scores `[n_train, n_query]`, by margins and projections to `width`."""

    def logits(parameters, data):
        x, y = data
        out = torch.func.functional_call(model, parameters, x.unsqueeze(0))
        return out, torch.arange(out.shape[-1]) == y.reshape(1, 1)

    def margin(parameters, data):
        # not as ln p − ln(1 − p), which is infinite in f32 where p rounds to 1
        out, own = logits(parameters, data)
        others = torch.logsumexp(out.masked_fill(own, -torch.inf), -1)
        return ((out * own).sum(-1) - others).sum()

    def probability(parameters, data):
        out, own = logits(parameters, data)
        return (torch.softmax(out, -1) * own).sum()

    own = TRAKAttributor(
        task=AttributionTask(loss_func=margin, model=model, checkpoints=checkpoints),
        correct_probability_func=probability,
        projector_kwargs={"device": "cpu", "proj_dim": width, "proj_max_batch_size": 32},
    )
    with torch.no_grad():
        own.cache(train)
        return own.attribute(query)


def attribute(attributor, train, query):
    """Scores `[n_train, n_query]`."""
    with torch.no_grad():
        return attributor.attribute(train, query)


def self_attribute(attributor, train):
    with torch.no_grad():
        return attributor.self_attribute(train)


def in_order(batch_x, batch_y):
    """Each training record's rank by its distance in f64, equal ones by number: the default sorts f32
    distances whose last bits depend on the matrix product, and equal ones as they come."""
    apart = torch.cdist(batch_x[0].double(), batch_y[0].double(), compute_mode="donot_use_mm_for_euclid_dist")
    order = torch.argsort(apart, dim=-1, stable=True)
    ranks = torch.empty_like(apart)
    return ranks.scatter_(1, order, torch.arange(apart.shape[1], dtype=apart.dtype).expand_as(order))


def knn_shapley(train, query, k):
    """Scores `[n_train, n_query]`."""
    own = KNNShapleyAttributor(k_neighbors=k, distance_func=in_order)
    return own.attribute(train, query).T


def mean_lds(scores, truth, subsets):
    """dattri's mean over queries."""
    own, _ = lds(torch.as_tensor(scores), (torch.as_tensor(truth), torch.as_tensor(subsets)))
    return float(own.mean())


def mean_loo(scores, truth, records):
    """dattri's mean over queries; `scores` and `truth` `[records, queries]` of the records left out."""
    own, _ = loo_corr(torch.as_tensor(scores), (torch.as_tensor(truth), torch.as_tensor(records)))
    return float(own.mean())


def auc(scores, wrong):
    own, _ = mislabel_detection_auc(torch.as_tensor(scores), torch.as_tensor(wrong))
    return float(own)


def numbers(tensor):
    return np.asarray(tensor.detach(), dtype=np.float64)
