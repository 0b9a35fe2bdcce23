//! Values that change on known dates: exchange filters, fees.

use super::Timestamp;

/// A list of values, each in force from its own instant until the next one's. Never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dated<T> {
    rows: Vec<(Timestamp, T)>,
}

impl<T> Dated<T> {
    /// One value, in force always.
    pub fn always(value: T) -> Self {
        Dated { rows: vec![(Timestamp::MIN, value)] }
    }

    /// Rows in ascending order of time; none when there is no row, or two rows share a time or are out of order.
    /// The first row also holds before its own date.
    pub fn new(rows: Vec<(Timestamp, T)>) -> Option<Self> {
        let ascending = rows.windows(2).all(|pair| pair[0].0 < pair[1].0);
        (!rows.is_empty() && ascending).then_some(Dated { rows })
    }

    /// The value in force at `time`.
    #[inline]
    pub fn at(&self, time: Timestamp) -> &T {
        if let [(_, only)] = self.rows.as_slice() {
            return only;
        }
        let later = self.rows.partition_point(|(from, _)| *from <= time);
        &self.rows[later.saturating_sub(1)].1
    }

    /// All rows in ascending order of time.
    pub fn rows(&self) -> &[(Timestamp, T)] {
        &self.rows
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_holds_from_its_own_instant_on() {
        let time = Timestamp::from_nanos;
        let dated = Dated::new(vec![(time(10), 'a'), (time(20), 'b')]).unwrap();
        let seen: String = [5, 10, 19, 20, 99].into_iter().map(|at| *dated.at(time(at))).collect();
        assert_eq!(seen, "aaabb");
        assert!(Dated::new(vec![(time(20), 'a'), (time(10), 'b')]).is_none());
        assert!(Dated::<char>::new(vec![]).is_none());
    }
}
