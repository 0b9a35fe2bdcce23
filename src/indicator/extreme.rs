//! The rolling maximum beneath rolling high and rolling low.

use super::ring::WarmUp;

/// The largest of the last `window` keys, by van Herk's method: the stream is cut into blocks of one window; a window
/// is the tail of one block and the head of the next, so its maximum is the larger of a suffix maximum of the old
/// block and a running maximum of the new one. Three comparisons a candle, whatever the window, and no deque.
#[derive(Clone, Debug)]
pub(super) struct Extreme {
    /// From `at` on the suffix maxima of the old block, before it the keys of the new one. One place longer than the
    /// window: the last, which is the suffix of nothing, never changes.
    block: Vec<i64>,
    at: usize,
    /// The largest key of the new block.
    head: i64,
    warm_up: WarmUp,
}

impl Extreme {
    pub(super) fn new(window: u32) -> Self {
        Extreme { block: vec![i64::MIN; window as usize + 1], at: 0, head: i64::MIN, warm_up: WarmUp::new(window) }
    }

    /// Takes `column`, each number as its `key`, and writes the `value` of the largest key for each.
    #[inline]
    pub(super) fn advance(
        &mut self,
        column: &[i64],
        out: &mut [f64],
        key: impl Fn(i64) -> i64,
        value: impl Fn(i64) -> f64,
    ) {
        let window = self.block.len() - 1;
        let mut done = 0;
        while done < column.len() {
            let length = (window - self.at).min(column.len() - done);
            let block = &mut self.block[self.at..=self.at + length];
            let mut head = self.head;
            for (row, (number, out)) in column[done..done + length].iter().zip(&mut out[done..]).enumerate() {
                let key = key(*number);
                head = head.max(key);
                *out = value(head.max(block[row + 1]));
                block[row] = key;
            }
            self.head = head;
            self.at += length;
            done += length;
            if self.at == window {
                self.turn();
            }
        }
        self.warm_up.blank(out);
    }

    /// The new block is full and becomes the old one.
    fn turn(&mut self) {
        let mut tail = i64::MIN;
        for key in self.block.iter_mut().rev() {
            tail = tail.max(*key);
            *key = tail;
        }
        self.at = 0;
        self.head = i64::MIN;
    }
}
