//! Damaged Parquet files as faults. The decoder trusts some of what a file says about itself and panics where that is
//! not so; such a panic is news about the file and no defect of this program.

use super::{Fault, Result};
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};
use std::path::Path;
use std::sync::Once;

thread_local! {
    /// Whether this thread is decoding a file.
    static DECODING: Cell<bool> = const { Cell::new(false) };
}

/// Decodes what lies in the file at `path`; a panic on the way becomes a fault and is not printed. `decode` must stay on
/// this thread.
pub fn guarded<T>(path: &Path, decode: impl FnOnce() -> Result<T>) -> Result<T> {
    static SILENCED: Once = Once::new();
    SILENCED.call_once(|| {
        let usual = take_hook();
        set_hook(Box::new(move |panic| {
            if !DECODING.get() {
                usual(panic);
            }
        }));
    });
    let before = DECODING.replace(true);
    // What a panicking decoder leaves behind is dropped with it: nothing of it is looked at again.
    let done = catch_unwind(AssertUnwindSafe(decode));
    DECODING.set(before);
    done.unwrap_or_else(|_| {
        Err(Fault::failure(format!("reading {}: what it says about itself does not fit its content", path.display()))
            .remedy("the file is damaged; restore or download it, or import its source again"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_a_fault_that_names_the_file_and_the_next_one_is_decoded() {
        let path = Path::new("a.parquet");
        let fault = guarded(path, || -> Result<u8> { panic!("a slice is too short") }).unwrap_err();
        assert!(fault.to_string().contains("a.parquet") && fault.exit_code() == 1, "{fault}");
        assert_eq!(guarded(path, || Ok(7)), Ok(7));
        assert!(!DECODING.get());
    }
}
