//! The last `window` prices of a column, for machines whose oldest price leaves as the newest enters.

/// A ring of fixed length; it starts full of zeros, which leave a sum unchanged.
#[derive(Clone, Debug)]
pub(super) struct Ring {
    values: Vec<i64>,
    oldest: usize,
}

impl Ring {
    pub(super) fn new(window: u32) -> Self {
        Ring { values: vec![0; window as usize], oldest: 0 }
    }

    /// Takes each of `incoming` in turn, hands it and the one that leaves for it to `step(entering, leaving)`, and
    /// writes what that answers to `out`.
    #[inline]
    pub(super) fn slide(&mut self, incoming: &[i64], out: &mut [f64], mut step: impl FnMut(i64, i64) -> f64) {
        let window = self.values.len();
        let from_memory = incoming.len().min(window);
        let mut done = 0;
        while done < from_memory {
            let length = (window - self.oldest).min(from_memory - done);
            let slots = &mut self.values[self.oldest..self.oldest + length];
            let entering = &incoming[done..done + length];
            for ((slot, entering), out) in slots.iter_mut().zip(entering).zip(&mut out[done..done + length]) {
                *out = step(*entering, *slot);
                *slot = *entering;
            }
            done += length;
            self.oldest += length;
            if self.oldest == window {
                self.oldest = 0;
            }
        }
        // Beyond one window the leaving prices stand in the block itself, in one piece. Four at a time, so that what the
        // steps do beside their sums goes on side by side.
        let (entering, outgoing) = (&incoming[done..], &mut out[done..]);
        let leaving = &incoming[..entering.len()];
        let ((entering, last_entering), (leaving, last_leaving)) =
            (entering.as_chunks::<4>(), leaving.as_chunks::<4>());
        let (outs, last_outs) = outgoing.as_chunks_mut::<4>();
        for ((entering, leaving), out) in entering.iter().zip(leaving).zip(outs) {
            *out = std::array::from_fn(|at| step(entering[at], leaving[at]));
        }
        for ((entering, leaving), out) in last_entering.iter().zip(last_leaving).zip(last_outs) {
            *out = step(*entering, *leaving);
        }
        if incoming.len() > window {
            self.values.copy_from_slice(&incoming[incoming.len() - window..]);
            self.oldest = 0;
        }
    }
}

/// Counts the first `window - 1` candles, after which a rolling value is defined.
#[derive(Clone, Debug)]
pub(super) struct WarmUp(usize);

impl WarmUp {
    pub(super) fn new(window: u32) -> Self {
        WarmUp(window as usize - 1)
    }

    /// Overwrites with NaN what was written for candles that came too early.
    #[inline]
    pub(super) fn blank(&mut self, out: &mut [f64]) {
        if self.0 > 0 {
            let early = self.0.min(out.len());
            out[..early].fill(f64::NAN);
            self.0 -= early;
        }
    }
}

/// A number at least as large as each of `numbers`, and larger than any signed one when one of them is below zero.
/// Or-ing bits bounds the maximum within a factor of two, and costs a fraction of comparing.
#[inline]
pub(super) fn magnitude_bits(numbers: &[i64]) -> u64 {
    numbers.iter().fold(0, |bits, number| bits | number.cast_unsigned())
}

/// A single step of a machine whose block form is `fill`, as an option.
#[inline]
pub(super) fn single(fill: impl FnOnce(&mut [f64])) -> Option<f64> {
    let mut out = [f64::NAN];
    fill(&mut out);
    (!out[0].is_nan()).then_some(out[0])
}
