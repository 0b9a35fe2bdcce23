//! A guided search: batches of combinations, each proposed by the results of those before.
//!
//! A proposal is a pure function of the seed and the finished batches, and a batch is finished when all its trials are:
//! so neither threads nor interruptions can change what is tried. On the way the parts of each batch are put on the shelf
//! behind those of the batch before; whoever goes on with a sweep proposes the same batches again and finds their parts
//! there.

use super::Guidance;
use super::cmaes::CovarianceAdaptation;
use super::draw;
use super::nsga2::Genetic;
use super::space::Space;
use super::tpe::ParzenEstimator;
use crate::chance::Chance;
use crate::error::{Fault, Result};
use crate::sweep::crew::Crew;
use crate::sweep::expression::Condition;
use crate::sweep::grid::Grid;
use crate::sweep::objective::Objective;
use crate::sweep::shelf::Shelf;
use crate::sweep::trial::Trial;
use std::collections::BTreeMap;

/// By what rule a guided search proposes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// A tree-structured Parzen estimator: where good trials are dense and others are not.
    Tpe,
    /// Adaptation of the covariance matrix of a normal distribution.
    CmaEs,
    /// A genetic search for the Pareto front of several objectives.
    Nsga2,
}

impl Method {
    /// Its word.
    pub const fn name(self) -> &'static str {
        match self {
            Method::Tpe => "tpe",
            Method::CmaEs => "cmaes",
            Method::Nsga2 => "nsga2",
        }
    }

    /// How many combinations it proposes at once when nothing else is said: NSGA-II lives on a large generation.
    pub const fn usual_batch(self) -> usize {
        match self {
            Method::Tpe | Method::CmaEs => 16,
            Method::Nsga2 => 64,
        }
    }
}

/// What each combination that was tried came to: more is better in every score; none where there is no result.
pub type Tried = BTreeMap<u64, Option<Vec<f64>>>;

/// What a rule may ask for while it proposes.
pub struct Ask<'s, 'a> {
    /// What may be tried.
    pub space: &'s Space<'a>,
    /// What was.
    pub tried: &'s Tried,
    /// Chance of this batch alone.
    pub chance: Chance,
    /// What stands in this batch already, in the order of the proposals.
    pub batch: Vec<u64>,
    /// How many combinations are wanted.
    pub wanted: usize,
    /// How often a proposal had been tried already.
    pub repeats: u64,
}

impl Ask<'_, '_> {
    /// Whether a combination was not tried yet, nor stands in this batch.
    pub fn is_new(&self, number: u64) -> bool {
        !self.tried.contains_key(&number) && !self.batch.contains(&number)
    }

    /// Fills the batch with combinations drawn at random.
    pub fn fill(&mut self) {
        while self.batch.len() < self.wanted {
            let mut chance = self.chance.clone();
            let found = self.space.random(&mut chance, |number| self.is_new(number));
            self.chance = chance;
            match found {
                Some(number) => self.batch.push(number),
                None => return,
            }
        }
    }
}

/// A rule that proposes.
pub trait Rule {
    /// Fills the batch as far as it can; what is missing then is drawn at random.
    fn propose(&mut self, ask: &mut Ask<'_, '_>);

    /// Hears of the batch when all of it was tried.
    fn learn(&mut self, space: &Space<'_>, tried: &Tried, batch: &[u64]);
}

/// A guided search under way.
pub struct Guide<'a> {
    space: Space<'a>,
    guidance: Guidance,
    objectives: &'a [Objective],
    rule: Box<dyn Rule>,
    tried: Tried,
    batches: u64,
    repeats: u64,
}

impl<'a> Guide<'a> {
    /// A search at its beginning.
    ///
    /// # Errors
    /// When the condition names nothing of the grid, or the rule does not fit the axes or the number of objectives.
    pub fn new(
        grid: &'a Grid,
        condition: Option<&'a Condition>,
        guidance: Guidance,
        objectives: &'a [Objective],
    ) -> Result<Self> {
        let space = Space::new(grid, condition)?;
        let words = grid.axes.iter().find(|axis| !axis.is_numeric());
        let method = guidance.method;
        match (method, objectives.len(), words) {
            (Method::Tpe | Method::CmaEs, 2.., _) => {
                return Err(Fault::user(format!(
                    "--search {} has one objective, and {} are given",
                    method.name(),
                    objectives.len()
                ))
                .remedy("give one, or search with nsga2"));
            }
            (Method::CmaEs, _, Some(axis)) => {
                return Err(Fault::user(format!(
                    "--search cmaes: the axis {} is of words, which have no order",
                    axis.name
                ))
                .remedy("search with tpe or nsga2, or give the axis one value"));
            }
            (Method::Tpe | Method::CmaEs | Method::Nsga2, _, _) => {}
        }
        let rule: Box<dyn Rule> = match method {
            Method::Tpe => Box::new(ParzenEstimator),
            Method::CmaEs => Box::new(CovarianceAdaptation::new(space.lengths.len(), guidance.batch)),
            Method::Nsga2 => Box::new(Genetic::new(guidance.batch)),
        };
        Ok(Guide { space, guidance, objectives, rule, tried: Tried::new(), batches: 0, repeats: 0 })
    }

    /// How often a proposal had been tried already: it was not run again.
    pub fn repeats(&self) -> u64 {
        self.repeats
    }

    /// The next batch, in the order of the proposals; empty when the search is over.
    pub fn propose(&mut self) -> Vec<u64> {
        let Guidance { trials, seed, batch, method } = self.guidance;
        let left = trials.saturating_sub(self.tried.len() as u64);
        let wanted = batch.min(usize::try_from(left).unwrap_or(usize::MAX));
        // Evenly spread at first; CMA-ES begins in the middle by itself.
        if self.batches == 0 && method != Method::CmaEs {
            return draw::sobol(&self.space, wanted as u64, seed);
        }
        let mut ask = Ask {
            space: &self.space,
            tried: &self.tried,
            chance: Chance::new(seed, self.batches + 1),
            batch: Vec::new(),
            wanted,
            repeats: 0,
        };
        if wanted > 0 {
            self.rule.propose(&mut ask);
            ask.fill();
            ask.batch.truncate(wanted);
        }
        self.repeats += ask.repeats;
        ask.batch
    }

    /// Hears what a batch came to, in the order of its proposals.
    pub fn learn(&mut self, batch: &[u64], scores: Vec<Option<Vec<f64>>>) {
        self.tried.extend(batch.iter().copied().zip(scores));
        self.batches += 1;
        self.rule.learn(&self.space, &self.tried, batch);
    }

    /// Runs the search, batch by batch, each as parts on the shelf behind those of the batch before. Returns how many
    /// parts there are; none when it was interrupted. `found` is told how many trials of a batch are there already.
    ///
    /// # Errors
    /// When a part cannot be kept or read, or holds other trials than were proposed.
    pub fn run(&mut self, crew: &Crew<'_>, shelf: &Shelf, found: &dyn Fn(usize)) -> Result<Option<usize>> {
        let mut parts = 0;
        loop {
            let batch = self.propose();
            if batch.is_empty() {
                return Ok(Some(parts));
            }
            let crew = Crew { numbers: &batch, first_part: parts, ..*crew };
            found(crew.trials_in(crew.parts().filter(|part| shelf.has(*part))));
            if !crew.run(shelf)? {
                return Ok(None);
            }
            let mut trials: Vec<Trial> = Vec::new();
            for part in crew.parts() {
                trials.extend(shelf.read_part(part, &crew.grid.axes)?);
            }
            if !trials.iter().map(|trial| trial.number).eq(batch.iter().copied()) {
                return Err(Fault::failure(format!(
                    "parts {parts} and following hold other trials than were proposed"
                ))
                .remedy("sweep again into another folder"));
            }
            let score = |trial: &Trial| self.objectives.iter().map(|objective| objective.score(trial)).collect();
            let scores = trials.iter().map(score).collect();
            parts += crew.parts().count();
            self.learn(&batch, scores);
        }
    }
}
