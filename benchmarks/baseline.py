"""The TF-IDF baseline through the command line, beside scikit-learn's TF-IDF and logistic regression.

Both learn from the same files (of waimai_10k ours holds a tenth back for validation) and weigh the same
n-grams, so that the figures must agree within noise. Seconds: of ours all steps, of the peer its whole fit.
"""

from __future__ import annotations

import sys

import bench
from accuracy import SETS, peer, prepare, train

MODELS = ("logistic", "svm", "bayes")
NOISE = 0.003
"""What other spellings of blanks and the order of sums move: three rows of a thousand."""


def main() -> int:
    parser = bench.parser(__doc__ or "")
    parser.add_argument("--dataset", choices=[found.name for found in SETS], help="only this one")
    given = parser.parse_args()
    data = bench.require_data(given.data)
    report = bench.Report(quick=given.quick)
    sets = [found for found in SETS if given.dataset in (None, found.name)]
    with bench.own_home() as place:
        for found in sets[-1:] if given.quick else sets:
            project = prepare(data, place, found, quick=given.quick)
            beside = None if given.quick else peer(data, found)
            for model in MODELS[:1] if given.quick else MODELS:
                got = train(data, project, found, "baseline", 0, ("--linear-model", model))
                metric = f"{found.name}.{model}.test_{found.figure}"
                goal = None
                if beside is not None and model == "logistic":
                    goal = round(float(beside["value"]) - NOISE, 4)
                report.figure(
                    metric, got["value"], found.figure, at_least=goal, peer=beside,
                    clean=got["clean"], seconds=got["seconds"],
                )  # fmt: skip
    return report.status()


if __name__ == "__main__":
    sys.exit(main())
