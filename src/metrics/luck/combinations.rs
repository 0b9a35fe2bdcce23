//! Ways to choose some out of several, in lexicographic order.

/// How many ways there are to choose `chosen` out of `of`; none when the number does not fit.
pub fn count(of: usize, chosen: usize) -> Option<usize> {
    if chosen > of {
        return Some(0);
    }
    let mut ways: u128 = 1;
    for step in 0..chosen.min(of - chosen) {
        // The product of so many neighbours is a multiple of the factorial: nothing is lost in the division.
        ways = ways.checked_mul((of - step) as u128)? / (step as u128 + 1);
    }
    usize::try_from(ways).ok()
}

/// All choices of `chosen` numbers below `of`, each ascending, in lexicographic order. The complement of the i-th choice
/// of a half is then the i-th from the end.
pub fn choices(of: usize, chosen: usize) -> Vec<Vec<usize>> {
    let mut found = Vec::new();
    if chosen > of {
        return found;
    }
    let mut choice: Vec<usize> = (0..chosen).collect();
    loop {
        found.push(choice.clone());
        // The last place that can still move up.
        let Some(place) = (0..chosen).rev().find(|&place| choice[place] < of - chosen + place) else {
            return found;
        };
        choice[place] += 1;
        for later in place + 1..chosen {
            choice[later] = choice[later - 1] + 1;
        }
    }
}

/// The numbers below `of` that an ascending choice left.
pub fn complement(of: usize, choice: &[usize]) -> Vec<usize> {
    (0..of).filter(|number| choice.binary_search(number).is_err()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_of_four_in_order() {
        assert_eq!(choices(4, 2), [[0, 1], [0, 2], [0, 3], [1, 2], [1, 3], [2, 3]]);
        assert_eq!(complement(4, &[0, 2]), [1, 3]);
        assert_eq!(choices(3, 0), [Vec::<usize>::new()]);
        assert!(choices(2, 3).is_empty());
    }

    #[test]
    fn there_are_as_many_as_are_counted_and_halves_mirror() {
        for (of, chosen) in [(4, 2), (6, 3), (10, 2), (10, 8), (16, 8), (5, 5)] {
            assert_eq!(count(of, chosen), Some(choices(of, chosen).len()), "{of} {chosen}");
        }
        assert_eq!(count(16, 8), Some(12_870));
        assert_eq!(count(3, 4), Some(0));
        assert_eq!(count(200, 100), None);
        let halves = choices(8, 4);
        for (place, half) in halves.iter().enumerate() {
            assert_eq!(complement(8, half), halves[halves.len() - 1 - place]);
        }
    }
}
