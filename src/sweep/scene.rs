//! A scene: one scenario, symbol and period with its data, on which combinations of parameters are tried.

use crate::catalog::{Book, Dossier, Entry, Market, Stage};
use crate::domain::Origin;
use crate::error::{Fault, Result};
use crate::scenario::{Draft, Overrides, Plan};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::path::Path;

/// The axes that choose the scene, in the order in which they stand before all others.
pub const SCENE_AXES: [&str; 3] = ["scenario", "symbol", TIMERANGE];

/// The axis of periods.
pub const TIMERANGE: &str = "timerange";

/// Names and values to set.
pub type Settings = Vec<(String, String)>;

/// A scenario with its data.
#[derive(Clone, Debug)]
pub struct Scene {
    /// The scenario, changed by what holds for all trials of the scene.
    pub draft: Draft,
    /// Its data under a plan of it.
    pub stage: Stage,
    /// The data by series and the hash of their content.
    pub data: Vec<(String, String)>,
    /// Those of the series that are not real, with where they come from.
    pub origins: Vec<(String, Origin)>,
}

/// How a scene is made from the scenario's text: a row of `sweep.toml`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SceneWords {
    /// The file in the sweep's folder that holds the scenario's text.
    pub text: String,
    /// SHA-256 of that text, hexadecimal.
    pub sha256: String,
    /// What the scenario's file was called.
    pub file: String,
    /// The folder that relative paths start from, where the scenario names any. It decides nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub directory: Option<String>,
    /// The strategy of every desk.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub strategy: Option<String>,
    /// The one symbol traded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub symbol: Option<String>,
    /// The traded period.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timerange: Option<String>,
    /// What is set for all trials.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub set: Settings,
}

impl Scene {
    /// Loads the data of a scenario. They are taken from one of `known` where that plays the same.
    ///
    /// The scenario need not come to a plan without its axes: then the first of `combinations` that does stands for it.
    ///
    /// # Errors
    /// When none of the combinations comes to a plan, or data are missing or malformed. One message is better than a
    /// thousand rows.
    pub fn open(draft: Draft, combinations: &[Settings], book: &[Entry], known: &[Scene]) -> Result<Self> {
        let planned = |set: &Settings| draft.plan(&overrides(set), &Book(book));
        let base = match planned(&Settings::new()) {
            Ok(plan) => plan,
            Err(alone) => {
                let mut plans = combinations.iter().map(planned);
                let first = plans.next().unwrap_or(Err(alone));
                first.or_else(|fault| plans.find_map(Result::ok).ok_or(fault))?
            }
        };
        let scene = match known.iter().find_map(|scene| Some((scene.shared(&base)?, scene))) {
            Some((stage, known)) => Scene { draft, stage, data: known.data.clone(), origins: known.origins.clone() },
            None => {
                let market = Market::load(&base)?;
                let dossier = Dossier::of(&base, &market);
                let (data, origins) = (dossier.data_hashes(), dossier.unreal_data());
                Scene { draft, stage: Stage::new(base, market)?, data, origins }
            }
        };
        let mut first = None;
        for set in combinations {
            match scene.stage_of(set, book) {
                Ok(_) => return Ok(scene),
                Err(fault) => first = first.or(Some(fault)),
            }
        }
        first.map_or(Ok(scene), Err)
    }

    /// The data under another plan, where they are the same to the last candle.
    fn shared(&self, plan: &Plan) -> Option<Stage> {
        let same_end = self.stage.plan.period.to == plan.period.to;
        let stage = same_end.then(|| self.stage.with_plan(plan.clone()))?;
        stage.ok()
    }

    /// The data under the plan of a combination.
    ///
    /// # Errors
    /// When the combination comes to no plan, or wants other data.
    pub fn stage_of(&self, set: &Settings, book: &[Entry]) -> Result<Stage> {
        self.stage.with_plan(self.draft.plan(&overrides(set), &Book(book))?)
    }
}

fn overrides(set: &Settings) -> Overrides {
    Overrides { set: set.clone(), ..Overrides::default() }
}

impl SceneWords {
    /// Of a scenario whose text is kept as `text`, with what is changed for all trials.
    pub fn new(draft: &Draft, text: &str, changes: &Overrides) -> Self {
        let file = draft.path().file_name().unwrap_or_default().to_string_lossy().into_owned();
        SceneWords {
            text: text.to_owned(),
            sha256: sha256(draft.text()),
            file,
            directory: None,
            strategy: changes.strategy.clone(),
            symbol: changes.symbol.clone(),
            timerange: changes.timerange.clone(),
            set: changes.set.clone(),
        }
    }

    /// The same with the folder that the plan's paths start from.
    #[must_use]
    pub fn in_directory(self, directory: &Path) -> Self {
        let text = directory.display().to_string();
        SceneWords { directory: Some(text).filter(|text| !text.is_empty()), ..self }
    }

    /// What is changed for all trials.
    pub fn changes(&self) -> Overrides {
        Overrides {
            strategy: self.strategy.clone(),
            set: self.set.clone(),
            symbol: self.symbol.clone(),
            timerange: self.timerange.clone(),
        }
    }

    /// The scenario, from the text that was kept.
    ///
    /// # Errors
    /// When the text is another one, or no scenario.
    pub fn draft(&self, text: String, book: &[Entry]) -> Result<Draft> {
        if sha256(&text) != self.sha256 {
            return Err(Fault::user(format!("{} is not the one that the sweep was made with", self.text))
                .remedy("restore it, or sweep again into another folder"));
        }
        let path = Path::new(self.directory.as_deref().unwrap_or_default()).join(&self.file);
        // What is kept of messages must not depend on where the scenario lies.
        Draft::of_text(text, &path, &self.text)?.changed(&self.changes(), &Book(book))
    }
}

fn sha256(text: &str) -> String {
    Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
}
