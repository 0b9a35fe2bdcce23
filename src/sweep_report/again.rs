//! What decided the sweep, and the commands that ask, judge and repeat it.

use super::sources::Sources;
use crate::report::page::escape::html;
use crate::report::page::{Table, number, text};
use crate::report::wording;

/// Values of an axis that are listed; of more, the first and the last.
const VALUES_MAX: usize = 40;

/// The section's markup.
pub fn section(sources: &Sources) -> String {
    let heads = [text("axis"), number("values", ""), text("which")];
    let mut axes = Table::new("Axes", &heads);
    for axis in &sources.axes {
        let values = match axis.values.as_slice() {
            [first, .., last] if axis.values.len() > VALUES_MAX => format!("{first} to {last}"),
            values => values.join(", "),
        };
        axes.row(&[axis.name.clone(), wording::count(axis.values.len() as u64), values]);
    }
    let mut data = Table::new("Market data", &[text("series"), text("content hash")]);
    for (series, hash) in &sources.file.data {
        data.row(&[series, hash]);
    }
    let plan = html(&sources.plan);
    format!(
        "{}{}<h3>Market data</h3><div class=\"wide\">{}</div><h3>Commands, from the folder that holds this one</h3>\n\
         <pre tabindex=\"0\"><code>{}</code></pre>\n\
         <details><summary>plan.toml</summary><pre tabindex=\"0\"><code>{plan}</code></pre></details>\n",
        axes.end(),
        rules(sources),
        data.end(),
        html(&commands(sources))
    )
}

/// Everything else that decided which trials were run.
fn rules(sources: &Sources) -> String {
    let file = &sources.file;
    let mut table = Table::new("Search", &[text("what decided"), text("as it is")]);
    let mut row = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            table.row(&[name, &value]);
        }
    };
    row("search", Some(file.search.clone()));
    row("objectives", (!file.objectives.is_empty()).then(|| file.objectives.join(", ")));
    row("only combinations with", file.condition.clone());
    row("combinations asked for", Some(wording::count(file.trials)));
    row("seed", file.seed.map(|seed| seed.to_string()));
    row("combinations proposed at once", file.batch.map(|batch| batch.to_string()));
    row("stopped when", file.stop_when.clone());
    row("checkpoints", file.checkpoints.map(|count| count.to_string()));
    row("daily returns", Some(if sources.keeps_returns() { "kept" } else { "not kept" }.to_owned()));
    row("engine", Some(format!("Tapeline {}", file.engine_version)));
    for scene in &file.scene {
        let set: Vec<String> = scene.set.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let words = [scene.strategy.clone(), scene.symbol.clone(), scene.timerange.clone(), Some(set.join(" "))];
        let words: Vec<String> = words.into_iter().flatten().filter(|word| !word.is_empty()).collect();
        let hash = scene.sha256.get(..16).unwrap_or(&scene.sha256);
        row("scenario", Some(format!("{} (SHA-256 {hash}…) {}", scene.file, words.join(", "))));
    }
    format!("<h3>Search</h3>{}", table.end())
}

fn commands(sources: &Sources) -> String {
    let (name, objective) = (&sources.name, sources.objective.name());
    let best = sources.best().map_or_else(String::new, |best| format!("tapeline run --trial {name}/{}\n", best.number));
    format!(
        "{best}tapeline trials {name} --where '{objective} > 0' --sort {objective}\n{}\ntapeline report {name} --top 5\n",
        sources.validate_command("")
    )
}
