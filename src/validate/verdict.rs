//! What the numbers amount to, by thresholds that are stated beside them.

use super::finding::Finding;
use serde::Serialize;

/// The verdict on a sweep's best trial.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// In a word.
    pub outcome: Outcome,
    /// The findings that did not reach their bounds, by key.
    pub failed: Vec<&'static str>,
    /// Those that could not be computed, by key.
    pub undefined: Vec<&'static str>,
    /// In one sentence.
    pub text: String,
}

/// The verdict in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Every bound is reached.
    Stands,
    /// Some bound is not reached.
    MayBeLuck,
    /// None is missed, but some number does not exist.
    Unknown,
}

impl Verdict {
    /// Follows from the findings that have bounds: one that is missed decides, then one that does not exist.
    pub fn of(findings: &[Finding]) -> Self {
        let bounded = || findings.iter().filter(|finding| finding.bound.is_some());
        let failed: Vec<&Finding> = bounded().filter(|finding| finding.passes() == Some(false)).collect();
        let undefined: Vec<&Finding> = bounded().filter(|finding| finding.passes().is_none()).collect();
        let labels =
            |findings: &[&Finding]| findings.iter().map(|finding| finding.label).collect::<Vec<_>>().join(", ");
        let (outcome, text) = if !failed.is_empty() {
            (
                Outcome::MayBeLuck,
                format!("the best trial does not pass; luck or overfitting may explain it: {}", labels(&failed)),
            )
        } else if !undefined.is_empty() {
            (Outcome::Unknown, format!("the best trial cannot be judged: there is no {}", labels(&undefined)))
        } else {
            let text =
                "the best trial is better than luck explains, as far as this record tells; what comes next may differ";
            (Outcome::Stands, text.to_owned())
        };
        let keys = |findings: Vec<&Finding>| findings.into_iter().map(|finding| finding.key).collect();
        Verdict { outcome, failed: keys(failed), undefined: keys(undefined), text }
    }
}

#[cfg(test)]
mod tests {
    use super::super::finding::Bound;
    use super::*;
    use crate::metrics::Undefined;

    fn finding(key: &'static str, value: Result<f64, Undefined>) -> Finding {
        Finding::of(key, key, "probability", value, "").held_to(Bound::AtLeast(0.95))
    }

    #[test]
    fn a_miss_decides_then_what_is_missing() {
        let none = Err(Undefined("too short"));
        let free = Finding::of("free", "free", "ratio", Ok(-5.0), "");
        let outcome = |findings: &[Finding]| Verdict::of(findings).outcome;
        assert_eq!(outcome(&[finding("a", Ok(0.95)), free.clone()]), Outcome::Stands);
        assert_eq!(outcome(&[finding("a", Ok(0.94999)), finding("b", none)]), Outcome::MayBeLuck);
        let verdict = Verdict::of(&[finding("a", Ok(1.0)), finding("b", none), free]);
        assert_eq!((verdict.outcome, verdict.undefined), (Outcome::Unknown, vec!["b"]));
        let most = Finding::of("c", "c", "probability", Ok(0.06), "").held_to(Bound::AtMost(0.05));
        assert_eq!(Verdict::of(&[most]).failed, ["c"]);
    }
}
