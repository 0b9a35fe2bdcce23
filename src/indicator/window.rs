//! The last so many numbers, for sums that roll.

/// A ring of the last `length` integers.
#[derive(Clone, Debug)]
pub(super) struct Window {
    ring: Vec<i64>,
    next: usize,
    seen: usize,
}

impl Window {
    pub fn new(length: u32) -> Self {
        Window { ring: vec![0; length as usize], next: 0, seen: 0 }
    }

    pub fn len(&self) -> usize {
        self.ring.len()
    }

    /// Puts a number in and returns the one that it pushes out: zero while the window is filling.
    #[inline]
    pub fn push(&mut self, number: i64) -> i64 {
        let old = std::mem::replace(&mut self.ring[self.next], number);
        self.next = if self.next + 1 == self.ring.len() { 0 } else { self.next + 1 };
        self.seen = self.seen.saturating_add(1);
        old
    }

    /// Whether it holds as many numbers as it can.
    #[inline]
    pub fn is_full(&self) -> bool {
        self.seen >= self.ring.len()
    }

    /// Puts a run of numbers in. Before that, `each` is told, for every number, the number itself and the one that it
    /// pushes out, and whether the window is full with it.
    #[inline]
    pub fn run(&mut self, numbers: &[i64], mut each: impl FnMut(usize, i64, i64, bool)) {
        let length = self.ring.len();
        let mut at = 0;
        // Out of the ring for the first `length` numbers, then out of the run itself.
        while at < numbers.len() && at < length {
            let old = self.push(numbers[at]);
            each(at, numbers[at], old, self.is_full());
            at += 1;
        }
        if at == numbers.len() {
            return;
        }
        let (new, old) = (&numbers[length..], &numbers[..numbers.len() - length]);
        for (offset, (new, old)) in new.iter().zip(old).enumerate() {
            each(length + offset, *new, *old, true);
        }
        self.next = 0;
        self.ring.copy_from_slice(&numbers[numbers.len() - length..]);
        self.seen = self.seen.saturating_add(numbers.len() - length);
    }
}
