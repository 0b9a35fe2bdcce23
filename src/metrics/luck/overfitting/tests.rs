use super::super::super::worked::printed;
use super::*;
use crate::chance::Chance;

/// The example of the semantics page, row by row.
const ROWS: [[f64; 4]; 8] = [
    [-0.011, 0.007, 0.008, -0.024],
    [-0.016, -0.035, -0.030, -0.023],
    [-0.009, 0.024, -0.014, 0.011],
    [0.042, -0.037, 0.018, 0.022],
    [0.018, 0.009, 0.023, 0.033],
    [-0.016, 0.011, -0.029, 0.022],
    [-0.011, -0.038, -0.006, 0.026],
    [0.012, 0.020, 0.008, -0.026],
];

fn example() -> Vec<Vec<f64>> {
    (0..4).map(|trial| ROWS.iter().map(|row| row[trial]).collect()).collect()
}

fn judged(columns: &[Vec<f64>], blocks: usize, performance: Performance) -> Overfitting {
    let matrix = TrialMatrix::of(columns.iter().map(Vec::as_slice)).unwrap();
    Overfitting::of(&matrix, blocks, performance).unwrap()
}

fn noise(trials: usize, rows: usize, seed: u64) -> Vec<Vec<f64>> {
    let mut chance = Chance::new(seed, 77);
    (0..trials).map(|_| (0..rows).map(|_| 0.01 * chance.normal()).collect()).collect()
}

fn sorted(mut values: Vec<f64>) -> Vec<f64> {
    values.sort_by(f64::total_cmp);
    values
}

#[test]
fn the_example_by_hand_with_means() {
    let found = judged(&example(), 4, Performance::Mean);
    let winners: Vec<usize> = found.splits.iter().map(|split| split.winner + 1).collect();
    let ranks: Vec<f64> = found.splits.iter().map(|split| split.rank).collect();
    assert_eq!(winners, [1, 4, 3, 4, 1, 4]);
    assert_eq!(ranks, [3.0, 3.0, 1.0, 1.0, 2.0, 3.0]);
    let logits = ["0.405465", "0.405465", "-1.386294", "-1.386294", "-0.405465", "0.405465"];
    found.logits().into_iter().zip(logits).for_each(|(logit, text)| printed(Ok(logit), text));
    assert_eq!(found.probability, 0.5);
    assert_eq!(found.rows_dropped, 0);
}

#[test]
fn the_example_by_hand_with_ratios() {
    let found = judged(&example(), 4, Performance::Sharpe);
    let winners: Vec<usize> = found.splits.iter().map(|split| split.winner + 1).collect();
    let ranks: Vec<f64> = found.splits.iter().map(|split| split.rank).collect();
    assert_eq!(winners, [1, 4, 3, 4, 4, 4]);
    assert_eq!(ranks, [3.0, 4.0, 1.0, 2.0, 4.0, 3.0]);
    assert_eq!(found.probability, 1.0 / 3.0);
}

#[test]
fn sums_of_blocks_give_what_the_returns_themselves_give() {
    let columns = noise(7, 60, 2);
    let found = judged(&columns, 6, Performance::Sharpe);
    let halves = combinations::choices(6, 3);
    assert_eq!(found.splits.len(), halves.len());
    for (half, split) in halves.iter().zip(&found.splits) {
        let over = |blocks: &[usize], trial: usize| {
            let chosen: Vec<f64> =
                blocks.iter().flat_map(|block| columns[trial][block * 10..block * 10 + 10].to_vec()).collect();
            moments::mean(&chosen).unwrap() / moments::sample_deviation(&chosen).unwrap()
        };
        let rest = combinations::complement(6, half);
        let best = (0..7).max_by(|one, other| over(half, *one).total_cmp(&over(half, *other))).unwrap();
        assert_eq!(split.winner, best);
        assert!((split.in_sample - over(half, best)).abs() < 1e-12);
        assert!((split.out_of_sample - over(&rest, best)).abs() < 1e-12);
        let better = (0..7).filter(|trial| over(&rest, *trial) > over(&rest, best)).count();
        assert_eq!(split.rank, (7 - better) as f64);
    }
}

#[test]
fn columns_without_a_mean_are_overfitted_always() {
    for seed in 0..5 {
        let mut columns = noise(20, 64, seed);
        for column in &mut columns {
            let mean = moments::mean(column).unwrap();
            column.iter_mut().for_each(|value| *value -= mean);
        }
        let found = judged(&columns, 8, Performance::Mean);
        assert_eq!(found.probability, 1.0);
        // What was won on one half was lost on the other.
        assert!((found.slope.unwrap() + 1.0).abs() < 1e-9);
        assert_eq!(found.loss_probability, 1.0);
    }
}

#[test]
fn a_column_that_is_best_in_every_row_is_never_overfitted() {
    for seed in 0..5 {
        let mut columns = noise(20, 64, seed);
        let best = (0..64).map(|row| columns.iter().map(|column| column[row]).fold(f64::MIN, f64::max) + 1e-6);
        let best: Vec<f64> = best.collect();
        columns.insert(9, best);
        let found = judged(&columns, 8, Performance::Mean);
        assert_eq!(found.probability, 0.0);
        assert!(found.splits.iter().all(|split| split.winner == 9 && split.rank == 21.0));
    }
}

#[test]
fn the_order_of_columns_and_of_blocks_does_not_matter() {
    let columns = noise(15, 80, 9);
    for performance in [Performance::Mean, Performance::Sharpe] {
        let found = judged(&columns, 8, performance);
        let mut turned = columns.clone();
        turned.rotate_left(4);
        turned.swap(0, 7);
        let other = judged(&turned, 8, performance);
        assert_eq!(other.probability, found.probability);
        assert_eq!(sorted(other.logits()), sorted(found.logits()));
        let moved: Vec<Vec<f64>> = columns
            .iter()
            .map(|column| {
                [3, 7, 0, 1, 6, 2, 5, 4].iter().flat_map(|&at| column[at * 10..at * 10 + 10].to_vec()).collect()
            })
            .collect();
        let other = judged(&moved, 8, performance);
        assert_eq!(other.probability, found.probability);
        assert_eq!(sorted(other.logits()), sorted(found.logits()));
    }
}

#[test]
fn without_an_edge_about_one_half_is_overfitted_and_a_planted_edge_is_found() {
    // The published anchor: 200 columns without an edge over 1000 rows gave 0.476 ± 0.137 over 60 matrices.
    let found: Vec<f64> =
        (0..12).map(|seed| judged(&noise(200, 1000, 100 + seed), 16, Performance::Sharpe).probability).collect();
    let mean = moments::mean(&found).unwrap();
    // Four standard errors of a mean of twelve.
    assert!((mean - 0.476).abs() < 4.0 * 0.137 / 12.0_f64.sqrt(), "{mean}");
    let mut columns = noise(200, 1000, 100);
    columns[17].iter_mut().for_each(|value| *value += 0.003);
    let found = judged(&columns, 16, Performance::Sharpe);
    assert!(found.probability < 0.01, "{}", found.probability);
    assert_eq!(found.splits.len(), 12_870);
}

#[test]
fn equals_share_their_rank_and_the_worst_of_equal_winners_counts() {
    let scores = split(&[1.0, 3.0, 3.0, 0.0], &[5.0, 4.0, 2.0, 2.0]);
    assert_eq!((scores.winner, scores.rank), (2, 1.5));
    // Trials that all did the same: the median, which is no better than the median.
    let found = judged(&vec![noise(1, 40, 1)[0].clone(); 4], 4, Performance::Sharpe);
    assert!(found.splits.iter().all(|split| split.rank == 2.5 && split.logit == 0.0));
    assert_eq!(found.probability, 1.0);
}

#[test]
fn a_trial_that_did_not_trade_ranks_between_gains_and_losses() {
    assert_eq!(ratio(0.0, 0.0, 10.0), 0.0);
    // Ten times 0.1: sure gains.
    assert_eq!(ratio(1.0, 0.1, 10.0), f64::INFINITY);
    assert_eq!(ratio(-1.0, 0.1, 10.0), f64::NEG_INFINITY);
    assert!((ratio(6.0, 14.0, 3.0) - 2.0).abs() < 1e-15);
    let columns = vec![vec![0.001; 40], noise(1, 40, 3)[0].clone()];
    assert_eq!(judged(&columns, 4, Performance::Sharpe).slope, Err(Undefined("a winner's returns did not vary")));
}

#[test]
fn rows_that_do_not_divide_are_dropped_from_the_start() {
    let columns = noise(5, 43, 4);
    let shorter: Vec<Vec<f64>> = columns.iter().map(|column| column[3..].to_vec()).collect();
    let (found, other) = (judged(&columns, 8, Performance::Mean), judged(&shorter, 8, Performance::Mean));
    assert_eq!((found.rows_dropped, other.rows_dropped), (3, 0));
    assert_eq!(found.splits, other.splits);
}

#[test]
fn what_cannot_be_halved_is_refused() {
    let columns = noise(3, 30, 4);
    let matrix = TrialMatrix::of(columns.iter().map(Vec::as_slice)).unwrap();
    for blocks in [0, 1, 3, 22, 16 + 14] {
        assert!(Overfitting::of(&matrix, blocks, Performance::Sharpe).is_err(), "{blocks}");
    }
    assert!(Overfitting::of(&matrix, 16, Performance::Sharpe).is_err());
    assert!(Overfitting::of(&matrix, 16, Performance::Mean).is_ok());
    let alone = TrialMatrix::of([columns[0].as_slice()]).unwrap();
    assert!(Overfitting::of(&alone, 4, Performance::Mean).is_err());
}
