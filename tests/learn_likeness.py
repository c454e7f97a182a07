"""Learns the weights of `reflect/likeness.py` from the sentences of `train`; `make likeness` runs it in a house of its own."""

import sys

import numpy as np
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.model_selection import cross_val_predict
from sklearn.svm import LinearSVC

from reflect import likeness, places, wording
from tests.labelled import demo_texts, fingerprint, labelled

LEAST = 0.01  # a weight below this is left out
RIGHT = 0.965  # so many of the hints are to be right, tried five times on a fifth of the sentences
HEAD = """\
# How much a sentence is like talk in grades: a weight, a tab, and a feature (see reflect/likeness.py). Learned; do not edit.
# Put sentences into tests/data/grade_talk.tsv as `train` instead, and run `make likeness`.
# sentences {sentences}
# phrases {phrases}
"""


def learn(language: str) -> None:
    lists, known = places.HINTS / f"grade_talk.{language}.toml", labelled("train", language)
    seen = looked_at(known, demo_texts(language), phrases=wording.read(lists))
    vectorizer = CountVectorizer(analyzer=lambda features: features, binary=True, min_df=2)
    counted, truth = (
        vectorizer.fit_transform([features for features, _ in seen]),
        np.array([is_one for _, is_one in seen]),
    )
    model = LinearSVC(C=0.1, random_state=0)
    said = cross_val_predict(model, counted, truth, cv=5, method="decision_function")
    line = lowest_line(said[: len(known)], truth[: len(known)])
    model.fit(counted, truth)
    weights = zip(model.coef_[0], vectorizer.get_feature_names_out(), strict=True)
    kept = sorted((row for row in weights if abs(row[0]) >= LEAST), key=lambda row: (-row[0], row[1]))
    lines = [f"{weight:.3f}\t{feature}" for weight, feature in [(model.intercept_[0] - line, ""), *kept]]
    head = HEAD.format(sentences=fingerprint(known), phrases=likeness.fingerprint(lists))
    (places.HINTS / f"likeness.{language}.tsv").write_text(head + "\n".join(lines) + "\n", "utf-8")
    print(f"{language}: {len(known)} texts, {len(seen)} with sentences by themselves, {len(kept)} weights")


def looked_at(known, innocent, *, phrases):
    """Give the features of each labelled text, then those of single innocent sentences, as the desk looks at them.

    Of a text that talks in grades nobody said which sentence is meant.
    """
    of = {
        text: [likeness.features(words) for *_, words in likeness.sentences(text, phrases=phrases)] for text, _ in known
    }
    alone = [features for text, is_one in known if not is_one and len(of[text]) > 1 for features in of[text]]
    alone += [likeness.features(words) for text in innocent for *_, words in likeness.sentences(text, phrases=phrases)]
    return [*((set().union(*of[text]), is_one) for text, is_one in known), *((features, False) for features in alone)]


def lowest_line(said, truth):
    """Give the lowest line above which enough of the hints are right, on sentences that were not learned from."""
    order = np.argsort(-said)
    right = np.cumsum(truth[order]) / np.arange(1, len(truth) + 1)
    return float(said[order][np.flatnonzero(right >= RIGHT)[-1]])


if __name__ == "__main__":
    for language in sys.argv[1:] or ("nl", "en"):
        learn(language)
