//! What the numbers of a sweep's page mean: the one text that the page, its tables and `docs/sweep-report.md` show.

use crate::report::page::{Align, Head, Term};

/// Everything that the page shows beside the columns of `trials.parquet` and the findings of `validate`.
pub const TERMS: &[Term] = &[
    Term::of(
        "trials",
        "Trials",
        "trials",
        "combinations that were tried; done are those that ran to the end of the data or to their halt",
    ),
    Term::of(
        "best",
        "Best trial",
        "that of its column",
        "the trial that is done and best in the objective, of equals the one with the lower number; the best of many looks good whether or not any of them is",
    ),
    Term::of(
        "best_result",
        "Result of the best",
        "%",
        "equity of the best trial at the end over its equity at the start, less one, open positions at the last close",
    ),
    Term::of(
        "median",
        "Median trial",
        "that of its column",
        "the objective that half of the trials that have one do not reach",
    ),
    Term::of(
        "verdict",
        "Verdict",
        "a word",
        "whether every number with a bound reaches it: stands; else: may be luck; where none is missed but one is undefined: cannot be judged",
    ),
    Term::of(
        "heat",
        "Heat map",
        "that of its column",
        "the chosen number by two axes; where the others are not held, several trials share a cell and their best, median, worst or mean is shown; empty: not tried; crossed: tried, but the number is undefined or the trial is not done; starred: the best in view. Where a number has a sign (or, for the profit factor, stands above or below one), the colours part there; else light is good. An axis of more than 60 values has neighbours share a cell",
    ),
    Term::of(
        "parallel",
        "Parallel coordinates",
        "a line for each trial",
        "each line is a trial: its values along the axes, the least below, and its numbers, the good end above. Highlighted are the best by the objective, up to 150 of them evenly by rank; of the others 300 evenly by rank, and those that are least or most in any column. Trials that lack one of the columns are left out",
    ),
    Term::of(
        "distribution",
        "Distribution of all trials",
        "trials",
        "how many of the shown trials that are done have a number of this size; the outermost bars hold what lies more than six times the distance of the quartiles beyond them, unless the quartiles are equal. The luckiest is the Sharpe ratio that the best of as many effective trials without any skill is expected to show, on the days judged",
    ),
    Term::of("defined", "defined", "trials", "trials that are done and have this number"),
    Term::of("least", "least", "that of its column", "least of all"),
    Term::of("quantile_05", "5 %", "that of its column", "one trial in twenty has less"),
    Term::of("quantile_25", "25 %", "that of its column", "one trial in four has less"),
    Term::of("quantile_50", "50 %", "that of its column", "the median"),
    Term::of("quantile_75", "75 %", "that of its column", "one trial in four has more"),
    Term::of("quantile_95", "95 %", "that of its column", "one trial in twenty has more"),
    Term::of("most", "most", "that of its column", "most of all"),
    Term::of(
        "around",
        "Neighbours of the best",
        "that of the objective",
        "the objective of the best trials, and of the trials one step away from each along one axis of numbers: a lonely peak is more often luck than a plateau",
    ),
    Term::of(
        "slices",
        "Away from the best",
        "that of the objective",
        "the objective of the trials that differ from the best in one axis of numbers alone, by steps along it, up to 25 either way",
    ),
    Term::of("trial", "trial", "number", "number of the trial in the grid of the sweep"),
    Term::of(
        "objective",
        "objective",
        "that of its column",
        "what the best are best in, over the whole period of the trial",
    ),
    Term::of(
        "neighbours",
        "neighbours",
        "trials",
        "trials one step away along one axis of numbers that ran to their end",
    ),
    Term::of(
        "neighbours_mean",
        "neighbours, mean",
        "%",
        "mean objective of the neighbours over that of the trial; where least is wanted, of the trial's over theirs; without an objective a neighbour counts as zero",
    ),
    Term::of("neighbours_worst", "neighbours, worst", "%", "the same of the worst of them"),
    Term::of(
        "near",
        "near",
        "trials",
        "trials at most two steps away along every axis of numbers that ran to their end",
    ),
    Term::of(
        "near_share",
        "plateau",
        "%",
        "share of these whose objective is at least half as good as that of the trial",
    ),
    Term::of(
        "front",
        "Pareto front",
        "a dot for each trial",
        "the trials that no other is better than, that is, nowhere worse and somewhere better in the objectives; of the others at most 2,000 are shown, every so many by rank",
    ),
    Term::of(
        "logits",
        "Logits of the winners' ranks",
        "halves",
        "for every way to halve the record, the rank out of sample of the trial that was best in sample, as ln(ω/(1−ω)) with ω = rank/(trials + 1); the share at zero and below is the probability of overfitting",
    ),
    Term::of(
        "in_and_out",
        "In sample and out of sample",
        "annual Sharpe ratio",
        "for every way to halve the record, the ratio of the winner on the half where it won and on the other half; a way whose winner's returns do not vary on a half has no dot",
    ),
    Term::of(
        "windows",
        "Training and trading",
        "%",
        "return of what was best in a training window, in that window and on the days traded after it, positions flattened at the end of both; not the same number of days, so that the efficiency compares annual growth",
    ),
    Term::of(
        "chosen",
        "Chosen parameters",
        "place along the axis",
        "the value of each axis that was best in training, window by window, from the least of the axis to its most",
    ),
    Term::of(
        "window_trial",
        "chosen",
        "number",
        "the trial that was best in training; none where no trial had an objective: then nothing is traded",
    ),
    Term::of("window_objective", "objective", "that of its column", "its objective in training"),
    Term::of("train_return", "training", "%", "its return in training"),
    Term::of("test_return", "traded", "%", "its return on the days traded after it"),
    Term::of("report", "report", "a link", "the whole report of the trial, where it was made"),
    Term::of("status", "status", "a word", "done, invalid, failed or stopped, as below"),
    Term::of("message", "message", "words", "why a trial did not end well"),
    Term::of("command", "command", "a command", "runs the trial again, with its whole report"),
    Term::of("count", "trials", "trials", "how many"),
    Term::of("first_trial", "first", "number", "the first of them"),
    Term::of("ended_done", "ran to the end", "trials", "of the data, or to their halt; only these are ranked"),
    Term::of(
        "ended_invalid",
        "were refused",
        "trials",
        "the strategy or the data do not allow the combination; they were not run and count for nothing",
    ),
    Term::of(
        "ended_failed",
        "failed",
        "trials",
        "broke an invariant or panicked: a bug of the engine or of the strategy",
    ),
    Term::of(
        "ended_stopped",
        "were stopped",
        "trials",
        "looked hopeless at a checkpoint and were not run to the end; not ranked, but counted as tries",
    ),
    Term::of("never_traded", "never traded", "trials", "ran to the end without a finished round trip"),
    Term::of("halted", "were halted", "trials", "a limit halted the desk or the account; nothing is counted past it"),
    Term::of(
        "without_objective",
        "have no objective",
        "trials",
        "ran to the end, but the objective is undefined: not ranked",
    ),
];

/// The term of this key.
///
/// Panics without one: a bug of this room, which its tests find.
pub fn term(key: &str) -> &'static Term {
    TERMS.iter().find(|term| term.key == key).unwrap_or_else(|| panic!("no term is called {key}"))
}

/// A column of numbers with its term.
pub fn number(key: &str) -> Head {
    let term = term(key);
    Head { name: term.name, definition: term.definition, align: Align::Number }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_on_sweep_reports_has_every_term_word_for_word() {
        let documentation = include_str!("../../docs/sweep-report.md");
        for line in TERMS.iter().map(Term::row) {
            assert!(documentation.contains(&line), "docs/sweep-report.md lacks: {line}");
        }
        let documented =
            documentation.lines().filter(|line| line.starts_with("| `") && !line.starts_with("| `--")).count();
        assert_eq!(documented, TERMS.len(), "docs/sweep-report.md describes something that is not there");
    }
}
