"""Scores from verdicts: pass@k, intervals, paired comparison."""
