//! Combinatorial purged cross-validation (López de Prado 2018, "Advances in Financial Machine Learning", chapters 7 and
//! 12), as index arithmetic.
//!
//! The rows are cut into N groups in order of time; every choice of k of them is tested once, the rest trains. What is
//! trained on must not know what is tested: rows whose span (the life of a label or a position) overlaps that of a tested
//! row are purged, and so are the rows of an embargo after each tested stretch, as markets remember.

use super::super::Undefined;
use super::combinations;

/// The most splits that are listed.
pub const SPLITS_MAX: usize = 1_000_000;

/// The groups and their splits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Purged {
    rows: usize,
    groups: usize,
    tested: usize,
    embargo: usize,
}

/// One split: which groups are tested, and which rows train.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Split {
    /// Tested groups, ascending.
    pub tested: Vec<usize>,
    /// Rows to train on, ascending.
    pub train: Vec<usize>,
}

impl Purged {
    /// `rows` in `groups`, of which `tested` are tested in each split, with an embargo of so many rows.
    ///
    /// # Errors
    /// When there are fewer than two groups or more than rows, when none or all of the groups are tested, and when there
    /// would be more than [`SPLITS_MAX`] splits.
    pub fn new(rows: usize, groups: usize, tested: usize, embargo: usize) -> Result<Self, Undefined> {
        if groups < 2 || groups > rows {
            return Err(Undefined("there are at least two groups, and no more than rows"));
        }
        if tested == 0 || tested >= groups {
            return Err(Undefined("at least one group is tested and at least one is not"));
        }
        if combinations::count(groups, tested).is_none_or(|count| count > SPLITS_MAX) {
            return Err(Undefined("there are more than a million splits"));
        }
        Ok(Purged { rows, groups, tested, embargo })
    }

    /// The usual embargo: one percent of the rows, rounded up.
    pub fn usual_embargo(rows: usize) -> usize {
        rows.div_ceil(100)
    }

    /// The rows of a group. Groups differ by at most one row.
    pub fn group(&self, group: usize) -> std::ops::Range<usize> {
        let border = |number: usize| (number as u128 * self.rows as u128 / self.groups as u128) as usize;
        border(group)..border(group + 1)
    }

    /// The tested groups of every split, in lexicographic order: C(N, k) of them.
    pub fn choices(&self) -> Vec<Vec<usize>> {
        combinations::choices(self.groups, self.tested)
    }

    /// How many paths there are, C(N-1, k-1) = k/N · C(N, k): each covers every row once.
    pub fn path_count(&self) -> usize {
        combinations::count(self.groups - 1, self.tested - 1).unwrap_or(0)
    }

    /// For every path, the split that tests each group: the first path takes each group from the first split that tests
    /// it, the second from the second, and so on.
    pub fn paths(&self) -> Vec<Vec<usize>> {
        let mut paths = vec![Vec::with_capacity(self.groups); self.path_count()];
        let choices = self.choices();
        for group in 0..self.groups {
            let testing = choices.iter().enumerate().filter(|(_, tested)| tested.contains(&group));
            for (path, (split, _)) in paths.iter_mut().zip(testing) {
                path.push(split);
            }
        }
        paths
    }

    /// The split of these tested groups. `ends` has for every row the last row that its span reaches, itself at least:
    /// rows train whose spans overlap no span of a tested stretch and do not begin in the embargo after it.
    ///
    /// # Errors
    /// When the spans do not match the rows or one ends before it begins, or a group does not exist.
    pub fn split(&self, tested: &[usize], ends: &[usize]) -> Result<Split, Undefined> {
        if ends.len() != self.rows || ends.iter().enumerate().any(|(row, end)| *end < row) {
            return Err(Undefined("every row has a span that ends at the row or later"));
        }
        if tested.iter().any(|group| *group >= self.groups) || !tested.is_sorted_by(|one, other| one < other) {
            return Err(Undefined("the tested groups are known ones, each once, in ascending order"));
        }
        let stretches = self.stretches(tested, ends);
        let trains = |row: &usize| {
            stretches.iter().all(|(first, last)| ends[*row] < *first || *row > last.saturating_add(self.embargo))
        };
        Ok(Split { tested: tested.to_vec(), train: (0..self.rows).filter(trains).collect() })
    }

    /// First row and last row reached by the spans of each unbroken run of tested groups.
    fn stretches(&self, tested: &[usize], ends: &[usize]) -> Vec<(usize, usize)> {
        let mut stretches: Vec<(usize, usize)> = Vec::new();
        let mut before = None;
        for &group in tested {
            let rows = self.group(group);
            let reached = ends[rows.clone()].iter().copied().max().unwrap_or(rows.start);
            match stretches.last_mut() {
                Some(stretch) if before == Some(group.wrapping_sub(1)) => stretch.1 = stretch.1.max(reached),
                Some(_) | None => stretches.push((rows.start, reached)),
            }
            before = Some(group);
        }
        stretches
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chance::Chance;

    /// Spans of this many rows beyond their own, cut off at the end.
    fn spans(rows: usize, reach: usize) -> Vec<usize> {
        (0..rows).map(|row| (row + reach).min(rows - 1)).collect()
    }

    #[test]
    fn the_published_numbers_of_splits_and_paths() {
        for (groups, tested, splits, paths) in
            [(6, 2, 15, 5), (10, 2, 45, 9), (5, 2, 10, 4), (6, 3, 20, 10), (10, 8, 45, 36)]
        {
            let plan = Purged::new(100, groups, tested, 0).unwrap();
            assert_eq!((plan.choices().len(), plan.path_count(), plan.paths().len()), (splits, paths, paths));
            assert_eq!(paths, tested * splits / groups);
        }
    }

    #[test]
    fn every_path_has_every_group_once_and_no_test_is_used_twice() {
        for (groups, tested) in [(6, 2), (5, 3), (10, 8), (4, 1)] {
            let plan = Purged::new(40, groups, tested, 0).unwrap();
            let (choices, mut used) = (plan.choices(), std::collections::BTreeSet::new());
            for path in plan.paths() {
                assert_eq!(path.len(), groups);
                for (group, split) in path.into_iter().enumerate() {
                    assert!(choices[split].contains(&group));
                    assert!(used.insert((group, split)));
                }
            }
            assert_eq!(used.len(), tested * choices.len());
        }
    }

    #[test]
    fn a_split_by_hand() {
        // Groups 0-4 5-9 10-14 15-19; rows reach two rows on; group 2 is tested, embargo 1.
        let plan = Purged::new(20, 4, 1, 1).unwrap();
        let split = plan.split(&[2], &spans(20, 2)).unwrap();
        // 8 and 9 reach into the test; the test's last row reaches 16; 17 is under embargo.
        assert_eq!(split.train, [0, 1, 2, 3, 4, 5, 6, 7, 18, 19]);
        // Without spans and embargo nothing else is lost.
        let plain = Purged::new(20, 4, 1, 0).unwrap().split(&[2], &spans(20, 0)).unwrap();
        assert_eq!(plain.train, (0..10).chain(15..20).collect::<Vec<_>>());
    }

    #[test]
    fn no_span_overlaps_after_the_purge_and_nothing_more_is_lost() {
        let mut chance = Chance::new(17, 0);
        for case in 0..200 {
            let rows = 20 + chance.below(60) as usize;
            let groups = 2 + chance.below(7) as usize;
            let tested = 1 + chance.below(groups as u64 - 1) as usize;
            let embargo = chance.below(4) as usize;
            let ends: Vec<usize> = (0..rows).map(|row| (row + chance.below(6) as usize).min(rows - 1)).collect();
            let plan = Purged::new(rows, groups, tested, embargo).unwrap();
            for choice in plan.choices() {
                let split = plan.split(&choice, &ends).unwrap();
                let tests: Vec<usize> = choice.iter().flat_map(|group| plan.group(*group)).collect();
                for row in 0..rows {
                    let overlaps = |test: &usize| row <= ends[*test] && ends[row] >= *test;
                    if split.train.binary_search(&row).is_ok() {
                        assert!(!tests.iter().any(overlaps), "case {case}: row {row} knows a tested one");
                        continue;
                    }
                    // Only after a test: an embargo never takes a row before it.
                    let lately = |test: &usize| row > *test && row <= last_of(&plan, &choice, *test, &ends) + embargo;
                    let inside = tests.iter().any(|test| overlaps(test) || lately(test));
                    assert!(inside, "case {case}: row {row} was lost for nothing");
                }
            }
        }
    }

    /// The last row that spans of the stretch around a tested row reach.
    fn last_of(plan: &Purged, choice: &[usize], test: usize, ends: &[usize]) -> usize {
        let mut group = choice.iter().copied().find(|group| plan.group(*group).contains(&test)).unwrap();
        while choice.contains(&(group.wrapping_sub(1))) {
            group -= 1;
        }
        let mut last = 0;
        while choice.contains(&group) {
            last = last.max(plan.group(group).map(|row| ends[row]).max().unwrap());
            group += 1;
        }
        last
    }

    #[test]
    fn groups_tile_the_rows_and_differ_by_one_row_at_most() {
        for (rows, groups) in [(20, 4), (23, 5), (7, 7), (1000, 16)] {
            let plan = Purged::new(rows, groups, 1, 0).unwrap();
            let all: Vec<usize> = (0..groups).flat_map(|group| plan.group(group)).collect();
            assert_eq!(all, (0..rows).collect::<Vec<_>>());
            let sizes: Vec<usize> = (0..groups).map(|group| plan.group(group).len()).collect();
            assert!(sizes.iter().max().unwrap() - sizes.iter().min().unwrap() <= 1);
        }
    }

    #[test]
    fn what_cannot_be_split_is_refused() {
        assert!(Purged::new(10, 1, 1, 0).is_err() && Purged::new(5, 6, 2, 0).is_err());
        assert!(Purged::new(10, 4, 0, 0).is_err() && Purged::new(10, 4, 4, 0).is_err());
        assert!(Purged::new(1000, 60, 30, 0).is_err());
        let plan = Purged::new(10, 5, 2, 0).unwrap();
        assert!(plan.split(&[0, 1], &spans(9, 1)).is_err() && plan.split(&[0, 7], &spans(10, 1)).is_err());
        assert!(plan.split(&[1, 0], &spans(10, 1)).is_err() && plan.split(&[0, 1], &[0; 10]).is_err());
        assert_eq!((Purged::usual_embargo(1000), Purged::usual_embargo(101)), (10, 2));
    }
}
