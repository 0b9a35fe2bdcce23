//! The page, made from files.

use super::*;
use crate::report::ProfileFacts;
use crate::report::files;
use crate::report::sample::Sample;
use crate::strategy::Halt;

fn built(sample: &Sample) -> (tempfile::TempDir, String) {
    let place = tempfile::tempdir().unwrap();
    let run = place.path().join("run");
    let facts = sample.facts();
    let summary = Summary::of(&sample.outcome, &facts).unwrap();
    files::write(&run, &sample.outcome, &facts, &summary).unwrap();
    build(&run, Extent::Telling, None).unwrap();
    let page = std::fs::read_to_string(run.join(REPORT)).unwrap();
    (place, page)
}

/// What of the page is markup and our own scripts: without the packed library and numbers.
fn own(page: &str) -> String {
    let (before, packed) = page.split_once("<script type=\"text/plain\"").unwrap();
    let (_, behind) = packed.rsplit_once("<script type=\"text/plain\"").unwrap();
    format!("{before}{}", behind.split_once("</script>").unwrap().1)
}

#[test]
fn names_never_become_markup() {
    let (_place, page) = built(&Sample::of(12, 1));
    let page = own(&page);
    assert!(page.contains("sample &lt;run&gt; &amp; &quot;co&quot;"));
    assert!(page.contains("&lt;b&gt;break&lt;/b&gt;"));
    assert!(!page.contains("<b>"));
    assert_eq!(page.matches("<script").count(), page.matches("</script>").count());
}

#[test]
fn the_page_fetches_nothing() {
    let (_place, page) = built(&Sample::of(12, 1));
    let page = own(&page);
    for outside in ["http://", "https://", "src=", "<link", "@import", "url(", "fetch("] {
        assert!(!page.contains(outside), "{outside}");
    }
}

#[test]
fn the_page_says_what_a_reader_must_not_miss() {
    let mut sample = Sample::of(12, 1);
    let at: Timestamp = "2024-02-03T04:05:00Z".parse().unwrap();
    sample.outcome.halted_at = Some(at);
    sample.outcome.account_halt = Some(Halt { at, reason: "daily loss".into() });
    let (_place, page) = built(&sample);
    for must in [
        "Synthetic data",
        "account halted at 2024-02-03T04:05:00Z: daily loss",
        "2 holes that nothing explains",
        "the run was halted: measured up to",
        "insufficient-balance",
        "tapeline verify ",
        "0123456789abcdef0011223344556677",
        "end_of_data",
        "version = 1",
        "outage",
    ] {
        assert!(page.contains(must), "{must}");
    }
}

#[test]
fn the_page_names_another_engines_rules_and_what_opened_and_closed_the_trades() {
    let mut sample = Sample::of(12, 1);
    let (_place, page) = built(&sample);
    assert!(!page.contains("CHEAT"));
    for must in ["What opened and closed the trades", "closed by", "stop-market", "entered as", "cross, up"] {
        assert!(page.contains(must), "{must}");
    }
    sample.profile = Some(ProfileFacts { name: "vectorbt", verdict: "CHEAT", reason: "it <looks> back" });
    let (place, page) = built(&sample);
    assert!(page.contains("CHEAT: the rules of vectorbt: it &lt;looks&gt; back."));
    let summary = Summary::read(&place.path().join("run")).unwrap();
    assert_eq!(summary.profile.as_ref().map(|profile| profile.verdict.as_str()), Some("CHEAT"));
    for groups in [&summary.entry_tags, &summary.exit_tags, &summary.exit_reasons] {
        let (trades, winners) = groups.iter().fold((0, 0), |sum, line| (sum.0 + line.trades, sum.1 + line.winners));
        assert_eq!((trades, winners), (summary.trades.closed, summary.trades.winners));
        let profit: rust_decimal::Decimal =
            groups.iter().map(|line| line.profit.parse::<rust_decimal::Decimal>().unwrap()).sum();
        assert_eq!(profit, summary.trades.profit.parse().unwrap());
    }
    assert!(crate::report::table(&summary, crate::report::Pace::Unknown).starts_with("CHEAT: the rules of vectorbt"));
}

#[test]
fn a_page_is_made_without_any_trade_and_made_again_the_same() {
    let (place, page) = built(&Sample::empty());
    assert!(page.contains("There was no trade."));
    build(&place.path().join("run"), Extent::Telling, None).unwrap();
    assert_eq!(std::fs::read_to_string(place.path().join("run/report.html")).unwrap(), page);
}

#[test]
fn of_many_trades_a_light_page_shows_the_most_telling() {
    let (_place, page) = built(&Sample::of(5_000, 2));
    assert!(page.contains("The most telling 500 of 5,002"));
    assert!(page.len() < 6_000_000, "{}", page.len());
}

#[test]
fn a_damaged_file_is_named_with_its_line() {
    let (place, _) = built(&Sample::of(3, 0));
    let run = place.path().join("run");
    let path = run.join("equity.csv");
    let text =
        std::fs::read_to_string(&path).unwrap().replacen("\n2024-01-02T00:00:00Z,", "\n2024-01-02T00:00:00Z,x", 1);
    std::fs::write(&path, text).unwrap();
    let fault = build(&run, Extent::Telling, None).unwrap_err().to_string();
    assert!(fault.contains("equity.csv, line 3, column equity: 'x"), "{fault}");
    std::fs::write(&path, "time,equity\n").unwrap();
    assert!(
        build(&run, Extent::Telling, None).unwrap_err().to_string().contains("there is no column 'drawdown_percent'")
    );
    std::fs::remove_file(&path).unwrap();
    assert!(build(&run, Extent::Telling, None).unwrap_err().to_string().contains("equity.csv"));
}

#[test]
fn a_directory_that_is_no_run_is_refused() {
    let place = tempfile::tempdir().unwrap();
    let fault = build(place.path(), Extent::Telling, None).unwrap_err();
    assert!(fault.to_string().contains("name the directory of a run") && fault.exit_code() == 2, "{fault}");
}
