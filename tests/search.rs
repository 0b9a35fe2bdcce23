//! Guided search, as a user runs it: the same trials whatever the threads and however often it is killed.

use crate::outside::{Folder, Listing, SMA_CROSS, listing, small};
use tapeline::sweep::{Objective, Shelf, Status, fronts};

fn folder() -> Folder {
    let folder = Folder::new();
    let axes = "[sweep]\naxes = { fast = \"2..60\", slow = \"20..500:5\" }\nwhere = \"fast * 2 < slow\"";
    folder.put("small.toml", small("candles = 60000, interval = \"5m\"", SMA_CROSS, axes));
    folder
}

fn files(folder: &Folder, out: &str) -> Listing {
    listing(&folder.at(&folder.only(out)))
}

#[test]
fn every_guided_search_tries_the_same_on_any_number_of_threads() {
    let folder = folder();
    for method in ["tpe", "cmaes", "nsga2"] {
        let arguments = ["sweep", "small.toml", "--search", method, "--trials", "100", "--seed", "4"];
        let objectives: &[&str] = if method == "nsga2" { &["--objective", "sharpe,drawdown"] } else { &[] };
        for threads in ["1", "3"] {
            let out = format!("{method}-{threads}");
            folder.must(&[&arguments[..], objectives, &["--threads", threads, "--out", &out]].concat());
        }
        assert!(files(&folder, &format!("{method}-1")) == files(&folder, &format!("{method}-3")), "{method} differs");
        let shelf = Shelf::at(&folder.at(&folder.only(&format!("{method}-1"))));
        let trials = shelf.trials(&shelf.file().unwrap().axes()).unwrap();
        assert_eq!(trials.len(), 100);
        assert!(trials.is_sorted_by(|one, other| one.number < other.number), "a combination was tried twice");
        let value = |trial: &tapeline::sweep::Trial, axis: usize| trial.values[axis].parse::<u32>().unwrap();
        assert!(trials.iter().all(|trial| value(trial, 0) * 2 < value(trial, 1)), "the condition does not hold");
        assert!(trials.iter().all(|trial| trial.status == Status::Done));
        // A trial of a guided search is run again as any other.
        let place = format!("{}/{}", folder.only(&format!("{method}-1")), trials[7].number);
        folder.must(&["run", "--trial", &place]);
    }
}

#[test]
fn a_guided_search_that_is_killed_and_resumed_writes_the_same_bytes() {
    let folder = folder();
    let search = ["sweep", "small.toml", "--search", "tpe", "--trials", "150", "--objective", "profit"];
    folder.must(&[&search[..], &["--out", "whole"]].concat());
    let whole = files(&folder, "whole");
    folder.kill_again_and_again(&[&search[..], &["--out", "cut", "--resume"]].concat(), "cut", 4, (60, 40));
    folder.must(&[&search[..], &["--out", "cut", "--resume"]].concat());
    assert!(files(&folder, "cut") == whole, "the files differ");
}

#[test]
fn a_guided_search_finds_what_few_draws_find() {
    let folder = folder();
    let best = |search: &str| {
        let out = format!("best-{search}");
        folder.must(&["sweep", "small.toml", "--search", search, "--trials", "160", "--out", &out]);
        let csv = folder.must(&["trials", &folder.only(&out), "--csv", "--columns", "sharpe", "--top", "1"]);
        csv.lines().nth(1).unwrap().parse::<f64>().unwrap()
    };
    let random = best("random");
    for search in ["tpe", "cmaes", "nsga2"] {
        assert!(best(search) > random, "{search}");
    }
}

#[test]
fn a_space_that_is_used_up_ends_the_search_and_repeats_are_said() {
    let folder = folder();
    let few = ["--set", "fast=5,10,15", "--set", "slow=20,40,60,80,100", "--where", "fast < slow"];
    for method in ["tpe", "cmaes", "nsga2"] {
        let text = folder.must(
            &[&["sweep", "small.toml", "--search", method, "--trials", "90", "--out", method], &few[..]].concat(),
        );
        assert!(text.contains("15 trials: 15 done"), "{text}");
        let shelf = Shelf::at(&folder.at(&folder.only(method)));
        assert_eq!(shelf.trials(&shelf.file().unwrap().axes()).unwrap().len(), 15);
    }
    let text = folder.must(&[
        "sweep",
        "small.toml",
        "--search",
        "tpe",
        "--trials",
        "14",
        "--batch",
        "4",
        "--out",
        "again",
        "--set",
        "fast=5,10,15",
        "--set",
        "slow=20,40,60,80,100",
        "--where",
        "fast < slow",
    ]);
    assert!(text.contains("had been tried already and was not run again"), "{text}");
}

#[test]
fn the_front_of_several_objectives_is_shown_and_asked_for() {
    let folder = folder();
    let text = folder.must(&[
        "sweep",
        "small.toml",
        "--search",
        "sobol",
        "--trials",
        "60",
        "--objective",
        "profit",
        "--objective",
        "drawdown",
    ]);
    let place = folder.only("sweeps");
    let shelf = Shelf::at(&folder.at(&place));
    let trials = shelf.trials(&shelf.file().unwrap().axes()).unwrap();
    let objectives = Objective::parse_all(["profit,drawdown"]).unwrap();
    let scores: Vec<Vec<f64>> = trials
        .iter()
        .map(|trial| objectives.iter().map(|objective| objective.score(trial).unwrap()).collect())
        .collect();
    let expected = fronts(&scores);
    let first = expected.iter().filter(|front| **front == 1).count();
    assert!(text.contains(&format!("{first} trials on the Pareto front")), "{text}");
    let csv = folder.must(&["trials", &place, "--pareto", "profit,drawdown", "--csv", "--columns", "trial,front"]);
    let rows: Vec<(u64, usize)> = csv
        .lines()
        .skip(1)
        .map(|line| {
            line.split_once(',').map(|(trial, front)| (trial.parse().unwrap(), front.parse().unwrap())).unwrap()
        })
        .collect();
    assert_eq!(rows.len(), 60);
    assert!(rows.is_sorted_by_key(|(_, front)| *front));
    for (trial, front) in rows {
        let place = trials.iter().position(|other| other.number == trial).unwrap();
        assert_eq!(expected[place], front, "trial {trial}");
    }
    // The sweep keeps the front of its own objectives, for questions and reports; others can be asked for.
    let stored: Vec<f64> = trials.iter().map(|trial| trial.get("front").unwrap()).collect();
    assert_eq!(stored, expected.iter().map(|front| *front as f64).collect::<Vec<_>>());
    let asked = folder.must(&["trials", &place, "--where", "front == 1", "--csv", "--columns", "trial"]);
    assert_eq!(asked.lines().count() - 1, first);
    let other = folder.must(&["trials", &place, "--pareto", "fills:min,trades", "--csv", "--columns", "trial,front"]);
    assert_ne!(other, csv, "the stored front was taken for that of other objectives");
    let all = folder.must(&["trials", &place, "--pareto", "profit,drawdown", "--csv"]);
    assert_eq!(all.lines().next().unwrap().matches("front").count(), 1, "{all}");
    let table = folder.must(&["trials", &place, "--pareto", "profit,drawdown"]);
    assert!(table.lines().next().unwrap().contains("front") && table.lines().count() == 21, "{table}");
}

#[test]
fn what_a_search_cannot_do_is_refused() {
    let folder = folder();
    let cases: [(&[&str], &str); 9] = [
        (&["--search", "tpe"], "add --trials N"),
        (&["--trials", "5"], "a grid tries all its combinations"),
        (&["--search", "tpe", "--trials", "9", "--objective", "sharpe,drawdown"], "search with nsga2"),
        (&["--search", "cmaes", "--trials", "9", "--set", "sizing=fixed,equity"], "the axis sizing is of words"),
        (&["--search", "random", "--trials", "9", "--batch", "8"], "in no batches"),
        (&["--search", "tpe", "--trials", "9", "--shard", "1/2"], "chooses its trials by the results of others"),
        (&["--search", "sobol", "--trials", "2000000"], "more than 1000000"),
        (&["--search", "tpe", "--trials", "9", "--where", "fast > 99"], "no combination satisfies"),
        (&["--limit", "10"], "--search sobol --trials N"),
    ];
    for (arguments, says) in cases {
        let done = folder.tapeline(&[&["sweep", "small.toml"], arguments].concat());
        assert_eq!(done.code, 2, "{arguments:?}: {}{}", done.out, done.err);
        assert!(done.err.contains(says), "{arguments:?}: {}", done.err);
    }
    for method in ["tpe", "cmaes", "nsga2"] {
        let sharded = ["sweep", "small.toml", "--search", method, "--trials", "9", "--shard", "2/2"];
        let done = folder.tapeline(&sharded);
        assert_eq!(done.code, 2, "{method}: {}{}", done.out, done.err);
        assert!(
            done.err.contains("--shard 2/2: this search chooses its trials by the results of others"),
            "{}",
            done.err
        );
        assert!(done.err.contains("run it on one machine"), "{}", done.err);
    }
    assert!(!folder.at("sweeps").exists(), "something was written");
    // What is drawn from is bounded by nothing but the numbers themselves.
    let wide = ["--set", "fast=2..200", "--set", "slow=20..5000", "--set", "fraction=0.001..0.9:0.001", "--estimate"];
    let text = folder.must(&[&["sweep", "small.toml", "--search", "random", "--trials", "50"], &wide[..]].concat());
    assert!(text.contains("trials   50"), "{text}");
}
