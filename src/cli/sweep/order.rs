//! What the command line and the scenario's own `[sweep]` come to.

use super::{SearchWord, SweepArgs};
use crate::catalog::{Book, ENGINE_VERSION, Entry};
use crate::error::{Fault, Result};
use crate::scenario::{Draft, Overrides, Plan};
use crate::sweep::{
    Axis, AxisWords, COLUMNS, Condition, FORMAT_VERSION, Grid, Keeps, SCENE_AXES, STATUSES, Scene, SceneWords, Search,
    Settings, SweepFile, check_words,
};
use std::path::PathBuf;

/// A sweep as it was asked for.
pub(super) struct Order {
    /// Axes of the scene, then those that set something.
    pub grid: Grid,
    pub keep: Option<Condition>,
    pub objective: &'static str,
    condition: Option<(String, Condition)>,
    search: Search,
    /// The scenarios, each with the name of the file that keeps its text.
    scenarios: Vec<(Draft, String)>,
    /// By scene: its scenario, and what holds for all its trials.
    scenes: Vec<(usize, Overrides)>,
}

impl Order {
    pub fn of(args: &SweepArgs, book: &[Entry]) -> Result<Self> {
        let scenarios = scenarios(args)?;
        let words = scenarios[0].0.sweep().clone();
        let (mut axes, mut set) = (Vec::new(), Settings::new());
        for text in &args.set {
            let (name, value) = Overrides::parse_set(text)?;
            put(name, value, &mut axes, &mut set)?;
        }
        for (name, text) in &words.axes {
            if !axes.iter().any(|axis: &Axis| axis.name == *name) && !set.iter().any(|(known, _)| known == name) {
                put(name.clone(), text.clone(), &mut axes, &mut set)?;
            }
        }
        let names = scenarios.iter().map(|(draft, _)| draft.name()).collect::<Result<Vec<String>>>()?;
        let of_scene = [names, args.symbols.clone(), args.timerange.clone()];
        let mut all = Vec::new();
        for (name, values) in SCENE_AXES.into_iter().zip(&of_scene) {
            all.extend(Axis::of_words(name, values)?);
        }
        all.extend(axes);
        let parsed = |text: &String| Condition::parse(text).map(|condition| (text.clone(), condition));
        let condition = args.condition.as_ref().or(words.filter.as_ref()).map(parsed).transpose()?;
        let objective = args.objective.as_ref().or(words.objective.as_ref()).map_or("sharpe", String::as_str);
        let objective = COLUMNS.iter().find(|column| column.name == objective).ok_or_else(|| {
            let known: Vec<&str> = COLUMNS.iter().map(|column| column.name).collect();
            Fault::user(format!("there is no column '{objective}' to be best in"))
                .remedy(format!("choose one of {}", known.join(", ")))
        })?;
        let search = match (args.search, args.trials) {
            (SearchWord::Random, Some(trials)) => Search::Random { trials, seed: args.seed },
            (SearchWord::Random | SearchWord::Grid, _) => Search::Grid,
        };
        if let (Some(shard), false) = (args.shard, search.is_known_beforehand()) {
            return Err(Fault::user(format!(
                "--shard {shard}: this search chooses its trials by the results of others"
            ))
            .remedy("run it on one machine, or shard a grid or a random search"));
        }
        let grid = Grid::new(all, args.limit)?;
        let keep = args.keep.as_ref().map(|text| Condition::parse(text)).transpose()?;
        if let Some(keep) = &keep {
            let known = grid.axes.iter().map(|axis| axis.name.as_str()).chain(COLUMNS.iter().map(|column| column.name));
            check_words(keep, known, &grid.axes, &STATUSES).map_err(|fault| fault.within("--keep"))?;
        }
        let mut scenes = Vec::new();
        for scenario in 0..scenarios.len() {
            for symbol in each(&of_scene[1]) {
                for timerange in each(&of_scene[2]) {
                    let strategy = args.strategy.clone();
                    scenes
                        .push((scenario, Overrides { strategy, set: set.clone(), symbol: symbol.clone(), timerange }));
                }
            }
        }
        // What is wrong with a change is better said before data are loaded.
        for (scenario, changes) in &scenes {
            scenarios[*scenario].0.clone().changed(changes, &Book(book))?;
        }
        Ok(Order { grid, keep, objective: objective.name, condition, search, scenarios, scenes })
    }

    /// The combinations that are tried, ascending.
    pub fn numbers(&self) -> Result<Vec<u64>> {
        self.grid.chosen(self.condition.as_ref().map(|(_, condition)| condition), &self.search)
    }

    /// Loads the data of every scene.
    pub fn open(&self, numbers: &[u64], book: &[Entry]) -> Result<Vec<Scene>> {
        let mut opened: Vec<Scene> = Vec::new();
        for (scene, (scenario, changes)) in self.scenes.iter().enumerate() {
            let (draft, name) = &self.scenarios[*scenario];
            let draft = draft.clone().changed(changes, &Book(book))?;
            let mut scene = Scene::open(draft, &self.grid.spread(numbers, scene), book, &opened)?;
            // What is kept of messages must not depend on where the scenario lies.
            scene.draft = scene.draft.named(name);
            opened.push(scene);
        }
        Ok(opened)
    }

    /// The files that stand beside `sweep.toml`, by name.
    pub fn beside(&self, plan: &Plan) -> Vec<(String, String)> {
        let texts = self.scenarios.iter().map(|(draft, name)| (name.clone(), draft.text().to_owned()));
        std::iter::once(("plan.toml".to_owned(), plan.to_toml())).chain(texts).collect()
    }

    pub fn file(&self, scenes: &[Scene], numbers: &[u64], per_part: usize, keeps: Keeps) -> SweepFile {
        let (search, seed) = match self.search {
            Search::Grid => ("grid", None),
            Search::Random { seed, .. } => ("random", Some(seed)),
        };
        let words = |axis: &Axis| AxisWords { name: axis.name.clone(), values: axis.values.clone() };
        let scene = |(scene, (scenario, changes)): (&Scene, &(usize, Overrides))| {
            let (draft, text) = &self.scenarios[*scenario];
            SceneWords::new(draft, text, changes).in_directory(&scene.stage.plan.directory)
        };
        SweepFile {
            format_version: FORMAT_VERSION,
            engine_version: ENGINE_VERSION.to_owned(),
            name: scenes[0].stage.plan.name.clone(),
            condition: self.condition.as_ref().map(|(text, _)| text.clone()),
            search: search.to_owned(),
            seed,
            trials: numbers.len() as u64,
            trials_per_part: per_part as u64,
            returns: keeps == Keeps::Returns,
            data: scenes.iter().flat_map(|scene| scene.data.iter().cloned()).collect(),
            axis: self.grid.axes.iter().map(words).collect(),
            scene: scenes.iter().zip(&self.scenes).map(scene).collect(),
        }
    }
}

/// The scenario, and those that are tried as well.
fn scenarios(args: &SweepArgs) -> Result<Vec<(Draft, String)>> {
    let others = args.scenarios.iter().filter(|path| **path != args.scenario);
    let paths: Vec<&PathBuf> = std::iter::once(&args.scenario).chain(others).collect();
    let named = |(place, path): (usize, &&PathBuf)| {
        let name = if place == 0 { "scenario.toml".to_owned() } else { format!("scenario-{}.toml", place + 1) };
        Ok((Draft::load(path)?, name))
    };
    paths.iter().enumerate().map(named).collect()
}

/// An axis where there are several values, else a setting for all trials.
fn put(name: String, value: String, axes: &mut Vec<Axis>, set: &mut Settings) -> Result<()> {
    match Axis::parse(&name, &value)? {
        Some(axis) if SCENE_AXES.contains(&name.as_str()) => Err(Fault::user(format!(
            "the axis {}={value} would take the place of an axis of the sweep's own",
            axis.name
        ))
        .remedy("use --scenarios, --symbols or --timerange; of a strategy's parameter write desk.parameter")),
        Some(axis) => {
            axes.push(axis);
            Ok(())
        }
        None => {
            set.push((name, value));
            Ok(())
        }
    }
}

/// Each of the values, or none where there are none.
fn each(values: &[String]) -> Vec<Option<String>> {
    if values.is_empty() { vec![None] } else { values.iter().cloned().map(Some).collect() }
}
