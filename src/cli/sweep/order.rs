//! What the command line and the scenario's own `[sweep]` come to.

use super::{SearchWord, SweepArgs};
use crate::catalog::{self, Book, ENGINE_VERSION, Entry};
use crate::error::{Fault, Result};
use crate::scenario::{Draft, Overrides, Plan};
use crate::sweep::{
    Axis, AxisWords, COLUMNS, Condition, FORMAT_VERSION, Grid, Guidance, Guide, Keeps, Method, Objective, SCENE_AXES,
    STATUSES, Scene, SceneWords, Search, Settings, StopRule, SweepFile, check_words, trials_per_part,
};
use std::path::PathBuf;

/// A sweep as it was asked for.
pub(super) struct Order {
    /// Axes of the scene, then those that set something.
    pub grid: Grid,
    pub keep: Option<Condition>,
    pub objectives: Vec<Objective>,
    pub stop_rule: Option<StopRule>,
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
        let given: Vec<&str> = args.objective.iter().map(String::as_str).collect();
        let own = words.objective.as_deref().unwrap_or("sharpe");
        let objectives = Objective::parse_all(if given.is_empty() { vec![own] } else { given })?;
        let search = search(args)?;
        let stop_rule = args.stop_when.as_ref().map(|text| StopRule::parse(text, args.checkpoints)).transpose()?;
        if let (Some(shard), false) = (args.shard, search.is_known_beforehand()) {
            return Err(Fault::user(format!(
                "--shard {shard}: this search chooses its trials by the results of others"
            ))
            .remedy("run it on one machine, or shard a grid or a random search"));
        }
        // What is drawn is bounded by the number of trials, not by what it is drawn from.
        let grid = Grid::new(all, if search == Search::Grid { args.limit } else { u64::MAX })?;
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
        Ok(Order { grid, keep, objectives, stop_rule, condition, search, scenarios, scenes })
    }

    /// The combinations that are tried, ascending; of a guided search the first batch.
    pub fn numbers(&self) -> Result<Vec<u64>> {
        self.search.chosen(&self.grid, self.condition())
    }

    /// The search by results, where one was asked for.
    pub fn guide(&self) -> Result<Option<Guide<'_>>> {
        match self.search {
            Search::Guided(guidance) => Guide::new(&self.grid, self.condition(), guidance, &self.objectives).map(Some),
            Search::Grid | Search::Random { .. } | Search::Sobol { .. } => Ok(None),
        }
    }

    /// How many combinations are tried, of these; of a guided search at most.
    pub fn trials(&self, numbers: &[u64]) -> u64 {
        match self.search {
            Search::Guided(guidance) => guidance.trials.min(self.grid.count()),
            Search::Grid | Search::Random { .. } | Search::Sobol { .. } => numbers.len() as u64,
        }
    }

    /// How many stand in one part: of a guided search few, so that several parts of a batch are run at once.
    pub fn trials_per_part(&self, rows: usize) -> usize {
        const PARTS_PER_BATCH: usize = 8;
        match self.search {
            Search::Guided(guidance) => guidance.batch.div_ceil(PARTS_PER_BATCH).min(trials_per_part(rows)),
            Search::Grid | Search::Random { .. } | Search::Sobol { .. } => trials_per_part(rows),
        }
    }

    fn condition(&self) -> Option<&Condition> {
        self.condition.as_ref().map(|(_, condition)| condition)
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
        let (search, seed, batch) = match self.search {
            Search::Grid => ("grid", None, None),
            Search::Random { seed, .. } => ("random", Some(seed), None),
            Search::Sobol { seed, .. } => ("sobol", Some(seed), None),
            Search::Guided(Guidance { method, seed, batch, .. }) => (method.name(), Some(seed), Some(batch as u64)),
        };
        let objectives = self.objectives.iter().map(|objective| objective.text());
        let is_told = batch.is_some() || self.objectives.len() > 1;
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
            // One alone decides what a guided search tries, and nothing else; several also decide the fronts.
            objectives: if is_told { objectives.collect() } else { Vec::new() },
            batch,
            stop_when: self.stop_rule.as_ref().map(|rule| rule.text().to_owned()),
            checkpoints: self.stop_rule.as_ref().map(StopRule::checkpoints),
            trials: self.trials(numbers),
            trials_per_part: per_part as u64,
            returns: keeps == Keeps::Returns,
            data: scenes.iter().flat_map(|scene| scene.data.iter().cloned()).collect(),
            origins: scenes.iter().flat_map(|scene| scene.origins.iter().cloned()).collect(),
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
        Ok((catalog::draft(path)?, name))
    };
    paths.iter().enumerate().map(named).collect()
}

/// The search that was asked for.
fn search(args: &SweepArgs) -> Result<Search> {
    let method = match args.search {
        SearchWord::Tpe => Some(Method::Tpe),
        SearchWord::Cmaes => Some(Method::CmaEs),
        SearchWord::Nsga2 => Some(Method::Nsga2),
        SearchWord::Grid | SearchWord::Random | SearchWord::Sobol => None,
    };
    if args.batch.is_some() && method.is_none() {
        return Err(Fault::user("--batch: this search is in no batches").remedy("search with tpe, cmaes or nsga2"));
    }
    let seed = args.seed;
    let Some(trials) = args.trials else {
        return match args.search {
            SearchWord::Grid => Ok(Search::Grid),
            SearchWord::Random | SearchWord::Sobol | SearchWord::Tpe | SearchWord::Cmaes | SearchWord::Nsga2 => {
                Err(Fault::user("this search has to know how many trials it has").remedy("add --trials N"))
            }
        };
    };
    if trials > args.limit {
        return Err(
            Fault::user(format!("{trials} trials are more than {}", args.limit)).remedy("try fewer, or raise --limit")
        );
    }
    let guided = |method: Method| {
        let batch = args.batch.map_or_else(|| method.usual_batch(), |batch| batch as usize);
        Search::Guided(Guidance { method, trials, seed, batch })
    };
    match args.search {
        SearchWord::Grid => Err(Fault::user(format!("--trials {trials}: a grid tries all its combinations"))
            .remedy("add --search random, sobol, tpe, cmaes or nsga2, or leave --trials out")),
        SearchWord::Random => Ok(Search::Random { trials, seed }),
        SearchWord::Sobol | SearchWord::Tpe | SearchWord::Cmaes | SearchWord::Nsga2 => {
            Ok(method.map_or(Search::Sobol { trials, seed }, guided))
        }
    }
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
