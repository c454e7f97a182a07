"""Compute the weights of `reflect/hints/classifier.py` from the labelled sentences of `train`.

`make train` runs it in a virtual environment of its own, since nothing else needs scikit-learn.
"""

import sys

import numpy as np
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.model_selection import cross_val_predict
from sklearn.svm import LinearSVC

from reflect import paths
from reflect.hints import classifier, patterns
from tests.labelled_sentences import demo_feedback_texts, labelled_hash, load_labelled

MIN_WEIGHT = 0.002  # a weight below this is left out
# The share of hints that must be right, in five trials, each on a fifth of the sentences.
MIN_PRECISION = {"nl": 0.95, "en": 0.955}
FILE_HEADER = """\
# The weights of reflect/hints/classifier.py: a weight, a tab, and a feature. Computed; do not edit.
# Put sentences into tests/data/grading_language.tsv as `train` instead, and run `make train`.
# sentences {sentences}
# phrases {phrases}
"""


def train_model(language: str) -> None:
    """Write classifier.<language>.tsv."""
    patterns_path = paths.HINT_DATA / f"grading_language.{language}.toml"
    labelled_texts = load_labelled("train", language)
    samples = training_features(
        labelled_texts,
        demo_feedback_texts(language),
        pattern_set=patterns.load_patterns(patterns_path),
    )
    vectorizer = CountVectorizer(analyzer=lambda features: features, binary=True, min_df=2)
    matrix = vectorizer.fit_transform([features for features, _ in samples])
    labels = np.array([is_grade_talk for _, is_grade_talk in samples])
    model = LinearSVC(C=0.02, random_state=0)
    scores = cross_val_predict(model, matrix, labels, cv=5, method="decision_function")
    # Only for whole texts did somebody decide whether they talk in grades.
    count = len(labelled_texts)
    threshold = lowest_threshold(
        scores[:count], labels[:count], min_precision=MIN_PRECISION[language]
    )
    model.fit(matrix, labels)
    weights = zip(model.coef_[0], vectorizer.get_feature_names_out(), strict=True)
    large_weights = [row for row in weights if abs(row[0]) >= MIN_WEIGHT]
    large_weights.sort(key=lambda row: (-row[0], row[1]))
    bias = (model.intercept_[0] - threshold, "")
    lines = [f"{weight:.4f}\t{feature}" for weight, feature in [bias, *large_weights]]
    header = FILE_HEADER.format(
        sentences=labelled_hash(labelled_texts), phrases=classifier.file_sha256(patterns_path)
    )
    path = paths.HINT_DATA / f"classifier.{language}.tsv"
    path.write_text(header + "\n".join(lines) + "\n", "utf-8")
    single_count = len(samples) - count
    print(f"{language}: {count} texts, {single_count} single sentences, {len(lines) - 1} weights")


def training_features(labelled_texts, innocent_texts, *, pattern_set):
    """Return (features, whether it talks in grades) of each labelled text, then of sentences.

    The single sentences are those of innocent texts alone, as the checks see them: of a text
    that talks in grades nobody marked the sentence that does.
    """

    def sentence_features(text):
        sentences = classifier.classifiable_sentences(text, pattern_set=pattern_set)
        return [classifier.extract_features(words) for _, _, words in sentences]

    samples = []
    single_sentences = []
    for text, is_grade_talk in labelled_texts:
        features = sentence_features(text)
        samples.append((set().union(*features), is_grade_talk))
        if not is_grade_talk and len(features) > 1:
            single_sentences += features
    for text in innocent_texts:
        single_sentences += sentence_features(text)
    return [*samples, *((features, False) for features in single_sentences)]


def lowest_threshold(scores, labels, *, min_precision):
    """Return the lowest score above which the share of right hints is `min_precision`."""
    order = np.argsort(-scores)
    precision = np.cumsum(labels[order]) / np.arange(1, len(labels) + 1)
    return float(scores[order][np.flatnonzero(precision >= min_precision)[-1]])


if __name__ == "__main__":
    for language in sys.argv[1:] or ("nl", "en"):
        train_model(language)
