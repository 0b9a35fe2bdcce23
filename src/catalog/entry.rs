//! One strategy of the catalogue.

use super::lanes::LaneEnd;
use super::stage::{Manner, Run, Stage};
use crate::error;
use crate::scenario::DeskPlan;
use crate::strategy::{Axis, Hired, Params, Setup, SetupError, Strategy, Trader};

/// Builds a strategy as a boxed trader from its resolved parameters.
type HireBoxed = fn(&toml::Table, &mut Setup<'_>) -> Result<Box<dyn Trader>, SetupError>;

/// A strategy's name, its parameters, and the functions that run it: one indirect call per run, none per candle.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// Its name.
    pub name: &'static str,
    /// One sentence about it.
    pub about: &'static str,
    /// Its parameters.
    pub axes: fn() -> &'static [Axis],
    /// Whether these parameters fit together.
    pub check: fn(&toml::Table) -> Result<(), String>,
    /// The strategy as a boxed trader, for accounts whose desks differ in type.
    pub hire: HireBoxed,
    /// A backtest in which every desk runs this strategy.
    pub backtest: fn(&Stage, Manner<'_>) -> error::Result<Run>,
    /// Backtests side by side in which every desk runs this strategy.
    pub lanes: fn(&[Stage], Manner<'_>) -> Vec<LaneEnd>,
}

impl Entry {
    /// The entry of a strategy.
    pub const fn of<S: Strategy>() -> Self {
        Entry {
            name: S::NAME,
            about: S::ABOUT,
            axes: S::Params::axes,
            check: check::<S>,
            hire: hire::<S>,
            backtest: backtest::<S>,
            lanes: lanes::<S>,
        }
    }
}

fn check<S: Strategy>(parameters: &toml::Table) -> Result<(), String> {
    read::<S>(parameters)?.check()
}

fn read<S: Strategy>(parameters: &toml::Table) -> Result<S::Params, String> {
    parameters.clone().try_into().map_err(|error| error.to_string())
}

fn build<S: Strategy>(parameters: &toml::Table, setup: &mut Setup<'_>) -> Result<Hired<S>, SetupError> {
    let params = read::<S>(parameters).map_err(SetupError)?;
    S::new(&params, setup).map(Hired)
}

fn hire<S: Strategy>(parameters: &toml::Table, setup: &mut Setup<'_>) -> Result<Box<dyn Trader>, SetupError> {
    Ok(Box::new(build::<S>(parameters, setup)?))
}

fn backtest<S: Strategy>(stage: &Stage, manner: Manner<'_>) -> error::Result<Run> {
    stage.run_with(manner, |desk: &DeskPlan, setup: &mut Setup<'_>| build::<S>(&desk.parameters, setup))
}

fn lanes<S: Strategy>(stages: &[Stage], manner: Manner<'_>) -> Vec<LaneEnd> {
    Stage::run_lanes_with(stages, manner, |desk: &DeskPlan, setup: &mut Setup<'_>| build::<S>(&desk.parameters, setup))
}
