//! Series from outside: what a strategy reads beside each candle is what was available at its close, whatever the
//! blocks and the intervals; what it trades on comes out of the file that the run's plan names.

use crate::outside::Folder;
use std::fmt::Write;
use std::path::Path;
use std::sync::{Arc, Mutex};
use tapeline::catalog::{ALL, Book, Manner, Market, Stage};
use tapeline::domain::*;
use tapeline::engine::Idle;
use tapeline::scenario::{self, Overrides};
use tapeline::strategy::{Context, Setup, SetupError, Slot, Trader};

const START_MS: i64 = 1_704_067_200_000;

/// Rows of a series: milliseconds after the start, and a value where there is one.
type Rows = Vec<(i64, Option<f64>)>;

/// Irregular rows over `minutes`, some exactly at a close, some just beside one, some without a value, in clusters and
/// with long silences.
fn irregular(minutes: i64) -> Rows {
    let mut rows = vec![(-3_600_000, Some(-0.25))];
    let (mut at, mut step) = (0, 0i64);
    while at < minutes * 60_000 {
        step += 1;
        at += match step % 9 {
            0 => 90 * 60_000,
            1 => 1,
            2 => 59_999,
            3 => 60_000 - at.rem_euclid(60_000),
            4 => 3_600_000 - at.rem_euclid(3_600_000),
            _ => (step * 7_919) % 400_000 + 1,
        };
        let value = ((step * 37) % 41 - 20) as f64 / 10.0;
        rows.push((at, Some(value).filter(|_| step % 11 != 0)));
    }
    rows
}

fn csv_of(rows: &Rows) -> String {
    let mut text = String::from("available_at,score\n");
    for (at, value) in rows {
        let cell = value.map(|value| value.to_string()).unwrap_or_default();
        writeln!(text, "{},{cell}", START_MS + at).unwrap();
    }
    text
}

/// The plainest way to say it: of all rows at or before `now`, the last.
fn as_of(rows: &Rows, now: Timestamp, age: Option<Span>) -> Option<f64> {
    let known = rows.iter().map(|(at, value)| (Timestamp::from_millis(START_MS + at), value));
    let (at, value) = known.filter(|(at, _)| *at <= now).max_by_key(|(at, _)| *at)?;
    value.filter(|_| age.is_none_or(|age| now.since(at) <= age))
}

/// Where the watcher's columns stand: each series with its slots and their maximum ages.
type Places = Vec<(SeriesId, [(Slot, Option<Span>); 2])>;

/// What was read: when, under which maximum age, which value.
type Reading = (Timestamp, Option<Span>, Option<f64>);

/// Notes what stands in its columns at every close.
struct Watcher {
    places: Places,
    seen: Arc<Mutex<Vec<Reading>>>,
}

impl Trader for Watcher {
    fn on_candles(&mut self, context: &mut Context<'_>, closed: &[SeriesId]) {
        for (series, slots) in &self.places {
            if closed.contains(series) {
                let values = slots.map(|(slot, age)| (context.now(), age, context.value(slot)));
                self.seen.lock().unwrap().extend(values);
            }
        }
    }

    fn on_update(&mut self, _: &mut Context<'_>, _: &OrderUpdate) {}

    fn on_timer(&mut self, _: &mut Context<'_>, _: TimerId) {}
}

fn scenario(desk: &str, candles: i64) -> String {
    format!(
        r#"version = 1
[data]
synthetic = {{ seed = 5, candles = {candles}, missing_per_10_000 = 200 }}
[[instrument]]
symbol = "BTCUSDT"
[[series]]
name = "score"
file = "signals.csv"
[[series]]
name = "fresh"
file = "signals.csv"
column = "score"
maximum_age = "5m"
[[desk]]
{desk}
"#
    )
}

fn stage(folder: &Path, text: &str) -> Stage {
    let plan = scenario::read(text, &folder.join("s.toml"), &Overrides::default(), &Book(ALL)).unwrap();
    let market = Market::load(&plan).unwrap();
    Stage::new(plan, market).unwrap()
}

#[test]
fn beside_every_candle_stands_what_was_available_at_its_close() {
    let folder = tempfile::tempdir().unwrap();
    let rows = irregular(3_000);
    std::fs::write(folder.path().join("signals.csv"), csv_of(&rows)).unwrap();
    let stage = stage(folder.path(), &scenario("strategy = \"buy_and_hold\"", 3_000));
    let age = Some(Span::MINUTE.times(5));
    for (intervals, idle, block_rows) in [
        (&["1m"][..], Idle::Skip, 1_024),
        (&["1m", "1h"], Idle::Turn, 1_024),
        (&["1h"], Idle::Skip, 7),
        (&["1m", "1h"], Idle::Skip, 1),
        (&["1m", "1h"], Idle::Skip, 100_000),
    ] {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let manner = Manner { idle, block_rows, ..Manner::default() };
        let run = stage.run_with(manner, |_, setup: &mut Setup<'_>| {
            let mut places = Places::new();
            for interval in intervals {
                let series = setup.follow(setup.symbols()[0], interval.parse().unwrap());
                let slots = [(setup.outside(series, "score")?, None), (setup.outside(series, "fresh")?, age)];
                assert_eq!(setup.outside(series, "score")?, slots[0].0, "asked twice, one column");
                places.push((series, slots));
            }
            Ok(Watcher { places, seen: Arc::clone(&seen) })
        });
        assert_eq!(run.unwrap().outcome.complaints, []);
        let seen = seen.lock().unwrap();
        let mut values = 0;
        for (now, age, value) in seen.iter() {
            assert_eq!(*value, as_of(&rows, *now, *age), "{intervals:?} {idle:?} {block_rows}: at {now}, age {age:?}");
            values += usize::from(value.is_some());
        }
        let least = if intervals.contains(&"1m") { 2_900 } else { 49 };
        assert!(seen.len() >= 2 * least && values > least && values < seen.len(), "{} of {}", values, seen.len());
    }
}

#[test]
fn a_series_that_the_scenario_does_not_have_is_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("signals.csv"), csv_of(&irregular(10))).unwrap();
    let stage = stage(folder.path(), &scenario("strategy = \"buy_and_hold\"", 500));
    let run = stage.run_with(Manner::default(), |_, setup: &mut Setup<'_>| {
        let series = setup.follow(setup.symbols()[0], Interval::MINUTE);
        let slot = setup.outside(series, "scores")?;
        Err::<Watcher, SetupError>(SetupError(format!("{slot:?}")))
    });
    let said = run.unwrap_err().to_string();
    assert!(said.contains("there is no series 'scores'; the scenario has score, fresh"), "{said}");
}

const SIGNALS: &str = "available_at,score\n\
                       2024-01-01T01:00:00Z,0.4\n\
                       2024-01-01T03:00:30Z,1\n\
                       2024-01-01T05:00:00Z,0.9\n\
                       2024-01-01T06:00:00.001Z,-1\n\
                       2024-01-01T08:00:00Z,2\n\
                       2024-01-01T09:00:00Z,\n";

/// Without holes, so that every minute closes, and with orders that fill at once.
fn signal_scenario(parameters: &str, instrument: &str) -> String {
    let desk = format!("strategy = \"signal\"\nparameters = {{ {parameters} }}\n[costs]\nparticipation = \"off\"");
    scenario(&desk, 1_000)
        .replace(", missing_per_10_000 = 200", "")
        .replace("symbol = \"BTCUSDT\"", &format!("symbol = \"BTCUSDT\"\n{instrument}"))
}

/// When each fill happened, on which side, and why.
fn fills(folder: &Folder, run: &str) -> Vec<String> {
    let line = |row: &std::collections::BTreeMap<String, String>| {
        format!("{} {} {}", &row["time"][11..19], row["side"], row["tag"])
    };
    folder.rows(&format!("{run}/fills.csv")).iter().map(line).collect()
}

#[test]
fn signals_are_traded_when_they_are_known_and_not_before() {
    let folder = Folder::new();
    folder.put("signals.csv", SIGNALS);
    folder.put("long.toml", signal_scenario("series = \"score\", threshold = \"0.5\"", ""));
    let (run, _) = folder.run("long.toml", "reports", &[]);
    // Known in the middle of a minute: the decision is taken at its close. One at the very close counts there, one a
    // millisecond later counts a minute later.
    let expected = [
        "03:01:00 buy signal-long",
        "06:01:00 sell signal-exit",
        "08:00:00 buy signal-long",
        // From here on nothing is known any more.
        "09:00:00 sell signal-exit",
    ];
    assert_eq!(fills(&folder, &run), expected);

    let both = "series = \"score\", threshold = \"0.5\", sides = \"both\"";
    folder.put("both.toml", signal_scenario(both, "kind = \"linear\""));
    let (run, _) = folder.run("both.toml", "reports", &[]);
    let expected = [
        "03:01:00 buy signal-long",
        "06:01:00 sell signal-exit",
        "06:02:00 sell signal-short",
        "08:00:00 buy signal-exit",
        "08:01:00 buy signal-long",
        "09:00:00 sell signal-exit",
    ];
    assert_eq!(fills(&folder, &run), expected);
    folder.must(&["verify", &run]);
}

#[test]
fn an_old_signal_is_no_signal() {
    let folder = Folder::new();
    folder.put("signals.csv", SIGNALS);
    folder.put("fresh.toml", signal_scenario("series = \"fresh\", threshold = \"0.5\"", ""));
    let (run, _) = folder.run("fresh.toml", "reports", &[]);
    let expected = [
        "03:01:00 buy signal-long",
        "03:06:00 sell signal-exit",
        "05:00:00 buy signal-long",
        "05:06:00 sell signal-exit",
        "08:00:00 buy signal-long",
        "08:06:00 sell signal-exit",
    ];
    assert_eq!(fills(&folder, &run), expected);
}

#[test]
fn another_file_is_another_run_and_no_old_plan_takes_it() {
    let folder = Folder::new();
    folder.put("signals.csv", SIGNALS);
    folder.put("s.toml", signal_scenario("series = \"score\"", ""));
    let (first, _) = folder.run("s.toml", "reports", &[]);
    assert!(folder.text(&format!("{first}/plan.toml")).contains("path = \"signals.csv\"\nsha256 = \""));
    folder.put("signals.csv", SIGNALS.replace("0.4", "-0.4"));
    let (second, _) = folder.run("s.toml", "reports", &[]);
    assert_ne!(first, second);
    assert_ne!(fills(&folder, &first), fills(&folder, &second));
    let done = folder.tapeline(&["verify", &first]);
    assert_eq!(done.code, 2, "{}", done.out);
    assert!(done.err.contains("signals.csv is not the one this plan was made with"), "{}", done.err);
    // The same column under another name and from another file by the command line.
    folder.put("other.csv", "available_at,mood\n2024-01-01T02:00:00Z,1\n");
    let more = ["--set", "series.score.file=other.csv", "--set", "series.score.column=mood"];
    let (third, _) = folder.run("s.toml", "reports", &more);
    assert_eq!(fills(&folder, &third)[0], "02:00:00 buy signal-long");
}
