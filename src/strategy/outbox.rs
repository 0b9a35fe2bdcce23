//! Commands on their way out.

use crate::domain::Command;

/// What the desks have decided in one delivery, in order.
#[derive(Clone, Debug, Default)]
pub struct Outbox {
    commands: Vec<Command>,
    interrupted: bool,
}

impl Outbox {
    /// Adds a command.
    pub fn push(&mut self, command: Command) {
        self.commands.push(command);
    }

    /// Whether nothing was decided.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.commands.is_empty()
    }

    /// Something beside a command changed what comes next: a timer was set, a desk was halted.
    pub(super) fn interrupt(&mut self) {
        self.interrupted = true;
    }

    /// Whether a run of rows has to stop here. Asking takes the interruption back.
    #[inline]
    pub(super) fn must_stop(&mut self) -> bool {
        std::mem::take(&mut self.interrupted) || !self.commands.is_empty()
    }

    /// The commands, in order.
    pub fn commands(&self) -> &[Command] {
        &self.commands
    }

    /// Hands the commands over; the room for them stays.
    pub fn drain(&mut self) -> impl Iterator<Item = Command> + '_ {
        self.commands.drain(..)
    }
}
