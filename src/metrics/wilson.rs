//! The score interval of a share (Wilson 1927, JASA 22).

use super::normal;

/// The 95 % score interval of the share of `hits` in `tries`, both ends between 0 and 1. Without tries it is all of it.
pub fn interval(hits: f64, tries: f64) -> (f64, f64) {
    if tries <= 0.0 {
        return (0.0, 1.0);
    }
    let z = normal::QUANTILE_975;
    let share = hits / tries;
    let scale = 1.0 + z * z / tries;
    let center = (share + z * z / (2.0 * tries)) / scale;
    let reach = z / scale * (share * (1.0 - share) / tries + z * z / (4.0 * tries * tries)).sqrt();
    (center - reach, center + reach)
}

#[cfg(test)]
mod tests {
    use super::super::worked::printed;
    use super::*;

    #[test]
    fn eight_in_ten_have_their_known_interval() {
        let (low, high) = interval(8.0, 10.0);
        printed(Ok(low), "0.4902");
        printed(Ok(high), "0.9433");
        assert_eq!(interval(0.0, 0.0), (0.0, 1.0));
    }
}
