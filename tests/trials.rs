//! Questions to the trials of a sweep, as a user asks them.

use crate::outside::Folder;
use tapeline::sweep::{Axis, COLUMNS, Cells, Condition, Direction, Question, Shape, Shelf, Status, SweepFile, Trial};

/// A sweep of a hundred trials whose numbers are made by hand: its ratio is `fast - slow / 100`, undefined for the last
/// twenty, and its trades are `fast`.
fn by_hand(folder: &Folder) -> Shelf {
    let axis = |name: &str, text: &str| Axis::parse(name, text).unwrap().unwrap();
    let axes = vec![axis("fast", "1..10"), axis("slow", "10..50:10"), axis("sizing", "fixed,equity")];
    let trials: Vec<Trial> = (0..100_u64).map(|number| trial(number, &axes)).collect();
    let shelf = Shelf::at(&folder.at("sweep"));
    shelf.begin(&file(&axes, 100), &[]).unwrap();
    shelf.keep(0, &axes, &trials[..50], None).unwrap();
    shelf.keep(1, &axes, &trials[50..], None).unwrap();
    shelf
}

fn file(axes: &[Axis], trials: u64) -> SweepFile {
    let words =
        axes.iter().map(|axis| tapeline::sweep::AxisWords { name: axis.name.clone(), values: axis.values.clone() });
    SweepFile {
        format_version: tapeline::sweep::FORMAT_VERSION,
        engine_version: "0".to_owned(),
        name: "by-hand".to_owned(),
        condition: None,
        search: "grid".to_owned(),
        seed: None,
        objectives: Vec::new(),
        batch: None,
        stop_when: None,
        checkpoints: None,
        trials,
        trials_per_part: 50,
        returns: false,
        data: Vec::new(),
        origins: Vec::new(),
        axis: words.collect(),
        scene: Vec::new(),
    }
}

fn trial(number: u64, axes: &[Axis]) -> Trial {
    let (fast, slow, sizing) = (number / 10, number / 2 % 5, number % 2);
    let ratio = (fast + 1) as f64 - (slow as f64 + 1.0) / 10.0;
    let value = |name: &str| match name {
        "sharpe" => (number < 80).then_some(ratio),
        "trades" => Some((fast + 1) as f64),
        _ => Some(number as f64 / 7.0),
    };
    Trial {
        number,
        values: vec![
            axes[0].values[fast as usize].clone(),
            axes[1].values[slow as usize].clone(),
            axes[2].values[sizing as usize].clone(),
        ],
        status: if number == 99 { Status::Invalid } else { Status::Done },
        message: (number == 99).then(|| "it is, \"so to speak\", not allowed".to_owned()),
        fingerprint: None,
        numbers: COLUMNS.iter().map(|column| value(column.name)).collect(),
    }
}

/// The first column of CSV.
fn firsts(text: &str) -> Vec<&str> {
    text.lines().skip(1).map(|line| line.split(',').next().unwrap()).collect()
}

#[test]
fn trials_of_a_sweep_under_way_and_finished_give_the_same_answers() {
    let folder = Folder::new();
    let shelf = by_hand(&folder);
    let questions: [&[&str]; 5] = [
        &["--csv"],
        &["--json", "--where", "slow <= 20 and not sizing == fixed", "--sort", "profit"],
        &["--group-by", "slow", "--csv"],
        &["--pivot", "fast,slow,sharpe", "--csv"],
        &["--sort", "slow:asc", "--top", "3", "--csv"],
    ];
    let ask = |question: &[&str]| folder.must(&[&["trials", "sweep"], question].concat());
    let before: Vec<String> = questions.iter().map(|question| ask(question)).collect();
    assert!(ask(&[]).contains("the sweep of 100 trials is under way"));
    shelf.finish(2, &shelf.file().unwrap()).unwrap();
    let after: Vec<String> = questions.iter().map(|question| ask(question)).collect();
    assert_eq!(before, after);
    assert!(!ask(&[]).contains("under way"));
}

#[test]
fn rows_are_ordered_chosen_and_cut() {
    let folder = Folder::new();
    by_hand(&folder);
    let ask = |question: &[&str]| folder.must(&[&["trials", "sweep", "--csv"], question].concat());
    // Most of the objective first; of equals the lower number; fixed and equity have the same ratio.
    assert_eq!(firsts(&ask(&["--top", "4"])), ["70", "71", "72", "73"]);
    assert_eq!(firsts(&ask(&["--sort", "sharpe:asc", "--top", "2"])), ["8", "9"]);
    let all = ask(&[]);
    assert_eq!(
        (firsts(&all).len(), firsts(&all)[80..].to_vec()),
        (100, (80..100).map(|n| n.to_string()).collect::<Vec<_>>().iter().map(String::as_str).collect())
    );
    assert_eq!(firsts(&ask(&["--where", "status == invalid"])), ["99"]);
    assert_eq!(firsts(&ask(&["--where", "sizing == equity and fast = 3 and slow - 10 > 20"])), ["27", "29"]);
    assert_eq!(ask(&["--columns", "slow,trial", "--top", "1"]), "slow,trial\n10,70\n");
    let json = folder.must(&["trials", "sweep", "--json", "--where", "trial == 99"]);
    let rows: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(rows[0]["sharpe"], serde_json::Value::Null);
    assert_eq!((rows[0]["slow"].as_i64(), rows[0]["sizing"].as_str()), (Some(50), Some("equity")));
    assert_eq!(rows[0]["message"], "it is, \"so to speak\", not allowed");
    let mut keys = json.lines().filter_map(|line| line.trim().strip_prefix('"')?.split('"').next());
    assert_eq!((keys.next(), keys.next()), (Some("trial"), Some("fast")), "keys stand in the order of the columns");
    let table = folder.must(&["trials", "sweep", "--where", "trial < 2 or trial == 99"]);
    let lines: Vec<&str> = table.lines().map(str::trim).collect();
    assert!(lines[0].starts_with("trial  fast  slow  sizing  sharpe  total_return"), "{table}");
    assert!(lines[1].starts_with("0     1    10   fixed  0.9000") && lines[3].contains("equity     n/a"), "{table}");
}

#[test]
fn groups_and_pivots_are_those_made_by_hand() {
    let folder = Folder::new();
    by_hand(&folder);
    let ask = |question: &[&str]| folder.must(&[&["trials", "sweep", "--csv"], question].concat());
    let groups = ask(&["--group-by", "fast", "--where", "fast >= 8 and slow <= 20"]);
    assert_eq!(
        groups,
        "fast,trials,defined,minimum,median,mean,maximum\n8,4,4,7.8,7.85,7.8500000000000005,7.9\n9,4,0,,,,\n10,4,0,,,,\n"
    );
    let by_trades = ask(&["--group-by", "sizing", "--objective", "trades", "--sort", "sizing"]);
    assert_eq!(
        by_trades,
        "sizing,trials,defined,minimum,median,mean,maximum\nfixed,50,50,1,5.5,5.5,10\nequity,50,50,1,5.5,5.5,10\n"
    );
    let pivot = ask(&["--pivot", "slow,fast,trades", "--where", "fast <= 2", "--top", "2"]);
    assert_eq!(pivot, "slow,fast=1,fast=2\n10,1,2\n20,1,2\n");
}

#[test]
fn what_is_no_column_is_refused_with_the_nearest() {
    let folder = Folder::new();
    by_hand(&folder);
    let cases: [(&[&str], &str); 8] = [
        (&["--sort", "sharp"], "did you mean 'sharpe'?"),
        (&["--where", "drawdwn < 1"], "did you mean 'drawdown'?"),
        (&["--where", "sizing == fixd"], "no column 'fixd'"),
        (&["--objective", "status"], "there is no column 'status'"),
        (&["--group-by", "fats"], "did you mean 'fast'?"),
        (&["--pivot", "fast,slow"], "it takes three columns"),
        (&["--pivot", "fast,slow,sizing"], "'sizing' holds words"),
        (&["--columns", "trial,nothing-like-it"], "the columns are trial, fast, slow, sizing, status"),
    ];
    for (question, says) in cases {
        let done = folder.tapeline(&[&["trials", "sweep"], question].concat());
        assert_eq!(done.code, 2, "{question:?}: {}{}", done.out, done.err);
        assert!(done.err.contains(says), "{question:?}: {}", done.err);
    }
    let none = folder.tapeline(&["trials", "nowhere"]);
    assert_eq!((none.code, none.err.contains("name the folder of a sweep")), (2, true), "{}", none.err);
}

/// Not a test of time: how long a question takes is measured by `cargo test --release -- --ignored a_hundred_thousand`.
#[test]
#[ignore = "writes a large file and prints how long questions to it take"]
fn a_hundred_thousand_trials_answer_questions() {
    let folder = Folder::new();
    let axis = |name: &str, text: &str| Axis::parse(name, text).unwrap().unwrap();
    let axes = vec![axis("fast", "1..100"), axis("slow", "1..1000")];
    let mut chance = tapeline::chance::Chance::new(7, 0);
    let trial = |number: u64| Trial {
        number,
        values: vec![
            axes[0].values[(number / 1000) as usize].clone(),
            axes[1].values[(number % 1000) as usize].clone(),
        ],
        status: Status::Done,
        message: None,
        fingerprint: Some(format!("{number:032x}")),
        numbers: COLUMNS.iter().map(|_| Some(chance.below(1 << 52) as f64 / 7.0)).collect(),
    };
    let trials: Vec<Trial> = (0..100_000).map(trial).collect();
    let shelf = Shelf::at(&folder.at("sweep"));
    shelf.begin(&file(&axes, 100_000), &[]).unwrap();
    shelf.keep(0, &axes, &trials, None).unwrap();
    shelf.finish(1, &shelf.file().unwrap()).unwrap();
    let question = Question {
        objectives: Vec::new(),
        condition: Some(Condition::parse("drawdown > 100 and fast < slow").unwrap()),
        shape: Shape::Trials(vec!["trial".to_owned(), "sharpe".to_owned()]),
        order: Some(("sharpe".to_owned(), Direction::Descending)),
        rows_max: Some(20),
    };
    let answer = question.ask(&shelf, &axes).unwrap();
    assert_eq!(answer.rows, 20);
    let Cells::Numbers(ratios) = answer.cells("sharpe").unwrap() else { panic!("no numbers") };
    assert!(ratios.is_sorted_by(|one, other| one >= other));
    let questions: [&[&str]; 6] = [
        &[],
        &["--where", "drawdown > 100 and fast < slow and trades >= 30", "--sort", "profit"],
        &["--group-by", "fast"],
        &["--pivot", "slow,fast,sharpe", "--json"],
        &["--where", "fast < 3", "--csv"],
        &["--csv"],
    ];
    for question in questions {
        let before = std::time::Instant::now();
        let text = folder.must(&[&["trials", "sweep"], question].concat());
        println!("{:?}  {:5.0} ms  {} bytes", question, before.elapsed().as_secs_f64() * 1e3, text.len());
    }
}
