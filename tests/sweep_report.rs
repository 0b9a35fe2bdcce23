//! The page of a sweep: from files alone, the same bytes everywhere, and what it says where there is little to say.

use crate::outside::{Folder, SMA_CROSS, small};

/// A sweep of two axes of numbers on forty days, judged or not.
fn swept(folder: &Folder, more: &[&str]) -> String {
    folder.put("s.toml", small("candles = 57_600", SMA_CROSS, ""));
    folder.sweep(&[&["s.toml", "--set", "fast=5..20:5", "--set", "slow=30,60,90"], more].concat())
}

fn page(folder: &Folder, sweep: &str) -> String {
    folder.text(&format!("{sweep}/report.html"))
}

#[test]
fn a_sweep_leaves_its_page_and_report_makes_it_again_wherever_it_lies() {
    let folder = Folder::new();
    let sweep = swept(&folder, &[]);
    let first = page(&folder, &sweep);
    assert!(
        first.contains("Not validated") && first.contains("tapeline validate small-"),
        "nothing says what was not judged"
    );
    let moved = format!("elsewhere/{}", sweep.rsplit('/').next().unwrap());
    std::fs::create_dir(folder.at("elsewhere")).unwrap();
    std::fs::rename(folder.at(&sweep), folder.at(&moved)).unwrap();
    std::fs::remove_file(folder.at(&format!("{moved}/report.html"))).unwrap();
    assert_eq!(folder.must(&["report", &moved]), format!("report: {moved}/report.html\n"));
    assert!(page(&folder, &moved) == first, "the page depends on where the sweep lies");
    let by_drawdown = ["report", moved.as_str(), "--objective", "drawdown"];
    folder.must(&by_drawdown);
    assert!(
        page(&folder, &moved).contains("Least drawdown: trial")
            || page(&folder, &moved).contains("least drawdown: trial")
    );
}

#[test]
fn a_judgement_stands_on_the_page_with_its_halves() {
    let folder = Folder::new();
    let sweep = swept(&folder, &[]);
    let text = folder.must(&["validate", &sweep, "--walk-forward", "anchored", "--train", "30", "--test", "4"]);
    assert!(text.ends_with(&format!("report: {sweep}/report.html\n")), "{text}");
    let judged: serde_json::Value = serde_json::from_str(&folder.text(&format!("{sweep}/validation.json"))).unwrap();
    let found = page(&folder, &sweep);
    assert!(found.contains(judged["verdict"]["text"].as_str().unwrap()) && !found.contains("Not validated"));
    for finding in judged["findings"].as_array().unwrap() {
        assert!(found.contains(finding["label"].as_str().unwrap()), "{finding}");
    }
    for place in ["id=\"logits\"", "id=\"in-and-out\"", "id=\"windows\"", "id=\"chosen\""] {
        assert!(found.contains(place), "{place}");
    }
    assert!(found.contains(&format!("trial {}; 12 of 12 trials judged", judged["best"])), "whose verdict it is");
    let apart = format!("The verdict and its numbers are about trial {}", judged["best"]);
    assert!(!found.contains(&apart));
    folder.must(&["report", &sweep, "--objective", "sharpe:min"]);
    assert!(page(&folder, &sweep).contains(&apart), "the verdict stands beside another trial");
    let halves = folder.rows(&format!("{sweep}/overfitting-splits.csv"));
    let logit = |row: &std::collections::BTreeMap<String, String>| row["logit"].parse::<f64>().unwrap();
    let overfitted = halves.iter().filter(|row| logit(row) <= 0.0).count() as f64 / halves.len() as f64;
    let pbo = judged["findings"].as_array().unwrap().iter().find(|finding| finding["key"] == "pbo").unwrap();
    assert!((overfitted - pbo["value"].as_f64().unwrap()).abs() < 1e-12, "{overfitted} of {} halves", halves.len());
    let other =
        folder.text(&format!("{sweep}/validation.json")).replacen("\"format_version\": 2", "\"format_version\": 9", 1);
    folder.put(&format!("{sweep}/validation.json"), other);
    let done = folder.tapeline(&["report", &sweep]);
    assert!(done.code == 2 && done.err.contains("format_version 9 is not known"), "{done:?}");
}

#[test]
fn where_the_prices_come_from_is_kept_and_told() {
    let folder = Folder::new();
    let sweep = swept(&folder, &["--where", "fast == 5"]);
    let file = format!("{sweep}/sweep.toml");
    let text = folder.text(&file);
    let told = text.lines().find(|line| line.starts_with("origins = ")).expect("no origins");
    assert!(told.contains("\"synthetic\""), "{told}");
    let (synthetic, testnet) = ("Synthetic data: a generator", "Testnet data: these prices");
    assert!(page(&folder, &sweep).contains(synthetic) && !page(&folder, &sweep).contains(testnet));
    // A sweep that was made before does not tell; its plan may.
    folder.put(&file, text.replace(&format!("{told}\n"), ""));
    folder.must(&["report", &sweep]);
    assert!(page(&folder, &sweep).contains(synthetic));
    folder.put(&file, text.replace(told, &told.replace("synthetic", "testnet")));
    folder.must(&["report", &sweep]);
    assert!(page(&folder, &sweep).contains(testnet));
    // Of data from the store the plan says nothing.
    folder.put(&file, &text);
    let plan = format!("{sweep}/plan.toml");
    let planned = folder.text(&plan);
    assert!(planned.contains("[data.synthetic]"), "{planned}");
    folder.put(&plan, planned.replace("[data.synthetic]", "[data.stored]"));
    folder.must(&["report", &sweep]);
    assert!(page(&folder, &sweep).contains(synthetic));
}

#[test]
fn a_word_that_is_none_of_its_axis_is_a_fault() {
    let folder = Folder::new();
    folder.put("s.toml", small("candles = 2_880", SMA_CROSS, ""));
    let sweep = folder.sweep(&["s.toml", "--set", "sizing=fixed,equity"]);
    let file = format!("{sweep}/sweep.toml");
    folder.put(&file, folder.text(&file).replace("\"equity\"", "\"other\""));
    let done = folder.tapeline(&["report", &sweep]);
    assert!(done.code == 1 && done.err.contains("trials.parquet"), "{done:?}");
}

#[test]
fn the_best_trials_have_their_reports_beside_the_page_and_keep_them() {
    let folder = Folder::new();
    let sweep = swept(&folder, &[]);
    let text = folder.must(&["report", &sweep, "--top", "2"]);
    assert_eq!(text.lines().filter(|line| line.starts_with("report of trial ")).count(), 2, "{text}");
    for line in text.lines().filter_map(|line| line.strip_prefix("report of trial ")) {
        let (number, place) = line.split_once(": ").unwrap();
        assert!(folder.at(place).is_file(), "{place}");
        let link = place.strip_prefix(&format!("{sweep}/")).unwrap();
        assert!(link.starts_with(&format!("runs/{number}/")), "{link}");
        assert!(page(&folder, &sweep).contains(&format!("<a href=\"{link}\">report</a>")), "{link} is not linked");
    }
    let before = page(&folder, &sweep);
    assert_eq!(
        folder.must(&["report", &sweep, "--top", "2"]),
        format!("report: {sweep}/report.html\n"),
        "a run is run again"
    );
    assert!(page(&folder, &sweep) == before);
}

#[test]
fn options_of_the_other_kind_of_report_are_refused() {
    let folder = Folder::new();
    let sweep = swept(&folder, &[]);
    let run = folder.run("s.toml", "reports", &[]).0;
    for (arguments, says) in [
        (vec!["report", &sweep, "--full"], "are for runs"),
        (vec!["report", &run, "--top", "1"], "are for sweeps"),
        (vec!["report", &sweep, "--objective", "sharp"], "did you mean 'sharpe'"),
        (vec!["report", "nowhere"], "nowhere"),
    ] {
        let done = folder.tapeline(&arguments);
        assert!(done.code == 2 && done.err.contains(says), "{arguments:?}: {done:?}");
    }
}

#[test]
fn sweeps_with_little_to_say_have_a_page() {
    let folder = Folder::new();
    // One trial; refused combinations only; words only; a period too short for any ratio.
    let one = swept(&folder, &["--where", "fast == 5 and slow == 30"]);
    assert!(page(&folder, &one).contains("1 trial over fast, slow"));
    folder.put("b.toml", small("candles = 2_880", SMA_CROSS, ""));
    let short = folder.sweep(&["b.toml", "--set", "fast=5,10", "--out", "short"]);
    assert!(page(&folder, &short).contains("no trial has a sharpe"));
    let words = folder.sweep(&["s.toml", "--set", "sizing=fixed,equity", "--out", "words"]);
    assert!(page(&folder, &words).contains("nothing is one step away"));
    let some = ["s.toml", "--set", "fast=5,60", "--set", "slow=10,50", "--out", "refused"];
    let refused = folder.sweep(&some);
    let text = page(&folder, &refused);
    assert!(text.contains("were refused") && text.contains("What was said"), "no word of refused combinations");
    let kept = folder.sweep(&["s.toml", "--set", "fast=5,10", "--no-returns", "--out", "kept"]);
    assert!(page(&folder, &kept).contains("kept no daily returns"));
    let several =
        folder.sweep(&["s.toml", "--set", "fast=5,10,15", "--objective", "sharpe,drawdown", "--out", "several"]);
    assert!(page(&folder, &several).contains("id=\"front-chart\""));
}
