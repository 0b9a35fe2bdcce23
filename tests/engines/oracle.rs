//! A released Python package, run in a process of its own.

use rust_decimal::Decimal;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A Python that has the package, and the script that replays cases through it.
pub struct Oracle {
    pub name: &'static str,
    script: PathBuf,
    python: PathBuf,
}

/// One position, opened by one fill and closed by another.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Trade {
    pub desk: String,
    pub entry_bar: usize,
    pub exit_bar: usize,
    /// Signed: below zero for a short one.
    pub size: Decimal,
    pub entry_price: Decimal,
    pub exit_price: Decimal,
}

/// What the package made of a case.
pub struct Verdict {
    pub trades: Vec<Trade>,
    pub equity: Decimal,
}

/// A case as the script wants it: the directory holds the candles and the lists already.
pub struct Case {
    pub directory: PathBuf,
    pub setting: serde_json::Value,
}

/// The fee of both sides.
pub const COMMISSION: &str = "0.001";

impl Oracle {
    /// Finds the interpreter. Without one the test is skipped, and says so; where oracles are required, it fails.
    pub fn find(name: &'static str, script: &str) -> Option<Self> {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oracles").join(script);
        let python = python(name, &script)?;
        Some(Oracle { name, script, python })
    }

    /// Runs all cases in one process.
    pub fn judge(&self, cases: &[Case]) -> Vec<Verdict> {
        for case in cases {
            std::fs::write(case.directory.join("case.json"), case.setting.to_string()).unwrap();
        }
        let directories = cases.iter().map(|case| &case.directory);
        let output = Command::new(&self.python).arg(&self.script).args(directories).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        cases.iter().map(verdict).collect()
    }
}

/// A Python in which this script answers `--version`. Without one the test is skipped, and says so; where oracles are
/// required, it fails.
pub fn python(name: &str, script: &Path) -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let python = std::env::var_os("TAPELINE_PYTHON").map_or(root.join(".venv/bin/python"), PathBuf::from);
    let answer = Command::new(&python).arg(script).arg("--version").output();
    let trouble = match &answer {
        Ok(output) if output.status.success() => {
            println!("{name} {}", String::from_utf8_lossy(&output.stdout).trim());
            return Some(python);
        }
        Ok(output) => String::from_utf8_lossy(&output.stderr).lines().last().unwrap_or_default().to_owned(),
        Err(error) => error.to_string(),
    };
    let text = format!(
        "{name} is not at hand ({}: {trouble}); run tests/setup.sh, or name a Python that has \
         tests/oracles/requirements.txt in TAPELINE_PYTHON",
        python.display()
    );
    let required = std::env::var_os("TAPELINE_REQUIRE_ORACLES").is_some_and(|value| value == "1");
    assert!(!required, "{text}");
    println!("skipped: {text}");
    None
}

fn verdict(case: &Case) -> Verdict {
    let mut reader = csv::Reader::from_path(case.directory.join("trades.csv")).unwrap();
    let mut trades = Vec::new();
    for row in reader.deserialize() {
        let row: BTreeMap<String, String> = row.unwrap();
        let decimal = |name: &str| row[name].parse::<Decimal>().unwrap().normalize();
        trades.push(Trade {
            desk: row["desk"].clone(),
            entry_bar: row["entry_bar"].parse().unwrap(),
            exit_bar: row["exit_bar"].parse().unwrap(),
            size: decimal("size"),
            entry_price: decimal("entry_price"),
            exit_price: decimal("exit_price"),
        });
    }
    let text = std::fs::read_to_string(case.directory.join("result.json")).unwrap();
    let result: serde_json::Value = serde_json::from_str(&text).unwrap();
    Verdict { trades, equity: result["equity"].as_str().unwrap().parse().unwrap() }
}
