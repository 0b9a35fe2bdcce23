#!/usr/bin/env python3
"""Reference table for the statistics of luck, made without any of Tapeline's code: luck.json.

mpmath for the normal distribution, scipy for moments, arch for block lengths, variances and the test of superior
predictive ability, scipy and scikit-learn for clusters, skfolio for purged splits, statsmodels for adjusted p-values,
plain numpy for the overfitting of a small matrix, split by split.

    python3 -m venv elsewhere && elsewhere/bin/pip install -r tests/oracles/luck-requirements.txt
    elsewhere/bin/python tests/oracles/luck.py           write the table
    elsewhere/bin/python tests/oracles/luck.py --check   compare with the committed file, write nothing

What arch 8.0.0 calls `studentize=True` does not divide by the deviation: its p-values are those of unscaled means with
Hansen's three centres. They are the table's `plain`; `studentized` are made here from arch's own variances and
resamples by the formula of the paper.
"""

import itertools
import json
import math
import pathlib
import sys

import mpmath
import numpy as np
from arch.bootstrap import SPA, optimal_block_length
from scipy import stats
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import squareform
from skfolio.model_selection import CombinatorialPurgedCV
from sklearn.metrics import silhouette_score
from statsmodels.stats.multitest import multipletests

from seeded import generator

TABLE = pathlib.Path(__file__).with_suffix(".json")
mpmath.mp.dps = 60


def returns(rows, columns, carry, seed):
    """Returns of four decimals; each carries a part of the last one, column 0 has an edge, the last is hopeless."""
    draw = generator(seed)
    table = np.zeros((rows, columns))
    for column in range(columns):
        last = 0.0
        shift = 0.0018 if column == 0 else -0.0045 if column == columns - 1 else 0.0
        for row in range(rows):
            noise = sum(draw(101) - 50 for _ in range(4)) / 8_000
            last = carry * last + noise
            table[row, column] = round(last + shift, 4)
    return table


def normal():
    shares = [1e-300, 1e-50, 1e-16, 1e-9, 1e-5, 1e-3, 0.02, 0.0749, 0.0751, 0.3, 0.5, 0.6, 0.9, 0.925, 0.97, 0.9999]
    points = [-35.0, -10.0, -4.0, -1.5, -0.3, 0.0, 0.7, 2.0, 5.0]

    def quantile(share):
        # In the far tail a root of the logarithm, from a start that is near it.
        start = stats.norm.ppf(share)
        return mpmath.findroot(lambda x: mpmath.log(mpmath.ncdf(x)) - mpmath.log(mpmath.mpf(share)), start)

    return {
        "quantiles": [[share, float(quantile(share))] for share in shares],
        "cumulative": [[point, float(mpmath.ncdf(point))] for point in points],
    }


def sharpe_ratios(table):
    found = []
    for column in table.T:
        ratio, count = column.mean() / column.std(ddof=1), len(column)
        skew, kurtosis = stats.skew(column), stats.kurtosis(column, fisher=False)
        error = math.sqrt((1 - skew * ratio + (kurtosis - 1) / 4 * ratio**2) / (count - 1))
        low, high = stats.norm.interval(0.95, loc=ratio, scale=error)
        found.append({
            "sharpe": ratio, "error": error, "low": low, "high": high,
            "above_zero": stats.norm.sf(0, loc=ratio, scale=error),
        })
    return found


def block_lengths(tables):
    found = [optimal_block_length(table).to_numpy().tolist() for table in tables]
    draws = np.random.RandomState(0).standard_normal(10_100)
    for row in range(1, len(draws)):
        draws[row] += 0.3 * draws[row - 1]
    fixture = optimal_block_length(draws[100:]).to_numpy()[0].tolist()
    return {"tables": found, "fixture": fixture, "fixture_ends": [draws[100], draws[-1]]}


def snooping(table, block, replications):
    rows = len(table)
    test = SPA(np.zeros(rows), -table, block_size=block, reps=replications, seed=20240501)
    test.compute()
    # The same resamples once more.
    again = SPA(np.zeros(rows), -table, block_size=block, reps=replications, seed=20240501).bootstrap
    drawn = []
    for _ in again.bootstrap(replications):
        drawn.append([int(row) for row in again.index])
    variances = test._loss_diff_var
    means, deviations = table.mean(0), np.sqrt(variances)
    threshold = -deviations * math.sqrt(2 * math.log(math.log(rows)) / rows)
    centres = [np.maximum(means, 0), np.where(means >= threshold, means, 0), means]
    resampled = np.array([table[index].mean(0) for index in drawn])
    statistic = (means / deviations).max() * math.sqrt(rows)

    def p_values(scale):
        best = (means / scale).max()
        return [float((((resampled - centre) / scale).max(1) > best).mean()) for centre in centres]

    plain = [float(value) for value in test.pvalues]
    assert plain == p_values(np.ones_like(deviations)), "arch is expected not to studentise"
    return {
        "block": block, "resamples": drawn, "variances": variances.tolist(), "plain": plain,
        "studentized": p_values(deviations), "statistic": float(statistic),
    }


def overfitting(table, blocks):
    length = len(table) // blocks
    pieces = [table[len(table) % blocks :][block * length : (block + 1) * length] for block in range(blocks)]
    ratio = lambda rows: rows.mean(0) / rows.std(0, ddof=1)
    winners, logits, inside, outside = [], [], [], []
    for chosen in itertools.combinations(range(blocks), blocks // 2):
        left = ratio(np.concatenate([pieces[block] for block in chosen]))
        right = ratio(np.concatenate([pieces[block] for block in range(blocks) if block not in chosen]))
        best = int(left.argmax())
        share = stats.rankdata(right)[best] / (table.shape[1] + 1)
        winners.append(best)
        logits.append(math.log(share / (1 - share)))
        inside.append(left[best])
        outside.append(right[best])
    return {
        "blocks": blocks, "winners": winners, "logits": logits,
        "probability": float(np.mean(np.array(logits) <= 1e-15)),
        "loss": float(np.mean(np.array(outside) < 0)),
        "slope": float(stats.linregress(inside, outside).slope),
    }


def clusters(groups, members, rows):
    """Columns in noisy groups, and the mean silhouette at every height of the tree."""
    draw = generator(77)
    noise = lambda: np.array([sum(draw(101) - 50 for _ in range(4)) / 8_000 for _ in range(rows)])
    bases = [noise() for _ in range(groups)]
    table = np.array([np.round(bases[m % groups] + 0.9 * noise(), 4) for m in range(groups * members)])
    correlation = np.corrcoef(table)
    distances = np.sqrt(np.clip(0.5 * (1 - correlation), 0, None))
    np.fill_diagonal(distances, 0)
    tree = linkage(squareform(distances, checks=False), "average")
    found = {}
    for count in range(2, len(table)):
        labels = fcluster(tree, count, "maxclust")
        if len(set(labels)) == count:
            found[count] = silhouette_score(distances, labels, metric="precomputed")
    best = max(found, key=found.get)
    pairs = correlation[np.triu_indices(len(table), 1)]
    return {"columns": table.tolist(), "best": best, "silhouette": found[best], "correlation": float(pairs.mean())}


def purged(rows, groups, tested, purge, embargo):
    cv = CombinatorialPurgedCV(n_folds=groups, n_test_folds=tested, purged_size=purge, embargo_size=embargo)
    splits = [[int(row) for row in train] for train, _ in cv.split(np.zeros((rows, 1)))]
    paths = cv.recombined_paths.T.tolist()
    return {
        "rows": rows, "groups": groups, "tested": tested, "purge": purge, "embargo": embargo,
        "choices": [[int(group) for group in choice] for choice in cv.test_set_index], "train": splits, "paths": paths,
    }


def adjusted():
    draw = generator(5)
    values = [round((draw(10_000) / 10_000) ** 3, 8) for _ in range(25)]
    methods = {"bonferroni": "bonferroni", "holm": "holm", "bhy": "fdr_by"}
    return {"values": values, **{ours: multipletests(values, method=m)[1].tolist() for ours, m in methods.items()}}


def near(one, other):
    """Whether two tables differ by no more than another processor's rounding."""
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(near(one[key], other[key]) for key in one)
    if isinstance(one, list):
        return len(one) == len(other) and all(map(near, one, other))
    return one == other or abs(one - other) <= 1e-12 * max(abs(one), abs(other))


def main():
    calm, stirred = returns(60, 6, 0.0, 1), returns(150, 4, 0.45, 2)
    table = {
        "normal": normal(),
        "calm": calm.T.tolist(),
        "stirred": stirred.T.tolist(),
        "sharpe": sharpe_ratios(calm),
        "block_lengths": block_lengths([calm, stirred]),
        "snooping": snooping(calm, 7, 200),
        "overfitting": overfitting(calm, 6),
        "clusters": clusters(4, 5, 50),
        "purged": [purged(30, 6, 2, 1, 1), purged(40, 5, 3, 0, 2), purged(40, 4, 2, 3, 0)],
        "adjusted": adjusted(),
    }
    lines = ",\n".join(f"{json.dumps(key)}: {json.dumps(value)}" for key, value in table.items())
    if "--check" not in sys.argv[1:]:
        TABLE.write_text("{\n" + lines + "\n}\n")
        print(f"wrote {TABLE.name}: {TABLE.stat().st_size} bytes")
    elif near(json.loads(TABLE.read_text()), json.loads("{" + lines + "}")):
        print(f"up to date: {TABLE.name}")
    else:
        sys.exit(f"{TABLE} is not what this program makes; run it without --check and look at the difference")


if __name__ == "__main__":
    main()
