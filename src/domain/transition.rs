//! The life of an order, as one visible table.

/// Where an order stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OrderState {
    /// Decided and recorded, not yet sent.
    Intent,
    /// At the venue as a child that waits for its entry.
    Held,
    /// Sent; no answer yet.
    Sent,
    /// Open at the venue.
    Working,
    /// Open; a cancel is on its way.
    Cancelling,
    /// Open; new terms are on their way.
    Replacing,
    /// All of it traded.
    Filled,
    /// Gone before all of it traded.
    Cancelled,
    /// Its time was over.
    Expired,
    /// The venue never took it.
    Rejected,
    /// Sent, and the answer is lost: only asking the venue can tell.
    Unknown,
}

/// What can happen to an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OrderChange {
    /// The desk handed it to the venue.
    Send,
    /// The venue took it.
    Accept,
    /// The venue took it as a child.
    Hold,
    /// Its entry filled.
    Release,
    /// Its trigger was reached.
    Trigger,
    /// Part of it traded.
    FillPart,
    /// All the rest of it traded.
    FillAll,
    /// The desk asked to cancel.
    AskCancel,
    /// The desk asked for new terms.
    AskReplace,
    /// The venue refused the cancel or the new terms.
    RefuseAsk,
    /// The venue applied the new terms.
    Replace,
    /// It is gone.
    Cancel,
    /// Its time is over.
    Expire,
    /// The venue refused it.
    Reject,
    /// The answer to sending it is lost.
    Lose,
}

impl OrderState {
    /// Every state.
    pub const ALL: [OrderState; 11] = {
        use OrderState::*;
        [Intent, Held, Sent, Working, Cancelling, Replacing, Filled, Cancelled, Expired, Rejected, Unknown]
    };

    /// The state after `change`, or none when that change is illegal here: the desk that meets one is halted.
    #[rustfmt::skip]
    pub const fn after(self, change: OrderChange) -> Option<OrderState> {
        use OrderChange as C;
        use OrderState as S;
        Some(match (self, change) {
            (S::Intent, C::Send)                                   => S::Sent,
            (S::Intent, C::Cancel)                                 => S::Cancelled,

            (S::Sent | S::Unknown, C::Accept)                      => S::Working,
            (S::Sent | S::Unknown, C::Hold)                        => S::Held,
            (S::Sent | S::Unknown, C::Reject)                      => S::Rejected,
            (S::Sent, C::Lose)                                     => S::Unknown,
            (S::Sent, C::AskCancel)                                => S::Cancelling,
            (S::Sent, C::AskReplace)                               => S::Replacing,

            (S::Held, C::Release)                                  => S::Working,
            (S::Held, C::AskCancel)                                => S::Cancelling,
            (S::Held, C::AskReplace)                               => S::Replacing,
            // An ask that was answered may have been followed by another one.
            (S::Held, C::Replace | C::RefuseAsk)                   => S::Held,
            (S::Working, C::Release | C::Trigger)                  => S::Working,
            (S::Working, C::AskCancel)                             => S::Cancelling,
            (S::Working, C::AskReplace)                            => S::Replacing,
            (S::Replacing, C::AskCancel)                           => S::Cancelling,

            // News that crosses an ask on its way changes nothing about the ask.
            (S::Cancelling, C::Accept | C::Hold | C::Release | C::Trigger
                            | C::Replace | C::FillPart)            => S::Cancelling,
            (S::Replacing, C::Accept | C::Hold | C::Release | C::Trigger
                            | C::FillPart | C::AskReplace)         => S::Replacing,
            (S::Cancelling | S::Replacing, C::Reject)              => S::Rejected,
            (S::Cancelling | S::Replacing, C::RefuseAsk)           => S::Working,
            (S::Replacing, C::Replace)                             => S::Working,
            (S::Working, C::Replace | C::RefuseAsk)                => S::Working,

            // A cancel or replacement that overtook its order was refused; then the order itself arrives.
            (S::Working, C::Accept)                                => S::Working,
            (S::Working, C::Hold)                                  => S::Held,
            (S::Working, C::Reject)                                => S::Rejected,

            // A fill may be the first news of an order, and may come while asks are on their way.
            (S::Sent | S::Working | S::Unknown, C::FillPart)       => S::Working,
            (S::Sent | S::Working | S::Cancelling | S::Replacing | S::Unknown,
                C::FillAll)                                        => S::Filled,
            (S::Sent | S::Held | S::Working | S::Cancelling | S::Replacing | S::Unknown,
                C::Cancel)                                         => S::Cancelled,
            (S::Sent | S::Held | S::Working | S::Cancelling | S::Replacing | S::Unknown,
                C::Expire)                                         => S::Expired,

            _ => return None,
        })
    }

    /// Whether nothing can happen any more.
    pub const fn is_terminal(self) -> bool {
        match self {
            OrderState::Filled | OrderState::Cancelled | OrderState::Expired | OrderState::Rejected => true,
            OrderState::Intent
            | OrderState::Held
            | OrderState::Sent
            | OrderState::Working
            | OrderState::Cancelling
            | OrderState::Replacing
            | OrderState::Unknown => false,
        }
    }

    /// The state's name in files.
    pub const fn name(self) -> &'static str {
        match self {
            OrderState::Intent => "intent",
            OrderState::Held => "held",
            OrderState::Sent => "sent",
            OrderState::Working => "working",
            OrderState::Cancelling => "cancelling",
            OrderState::Replacing => "replacing",
            OrderState::Filled => "filled",
            OrderState::Cancelled => "cancelled",
            OrderState::Expired => "expired",
            OrderState::Rejected => "rejected",
            OrderState::Unknown => "unknown",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHANGES: [OrderChange; 15] = {
        use OrderChange::*;
        [
            Send, Accept, Hold, Release, Trigger, FillPart, FillAll, AskCancel, AskReplace, RefuseAsk, Replace, Cancel,
            Expire, Reject, Lose,
        ]
    };

    #[test]
    fn no_change_leaves_a_terminal_state() {
        for state in OrderState::ALL {
            let leaves = CHANGES.iter().any(|change| state.after(*change).is_some());
            assert_eq!(leaves, !state.is_terminal(), "{}", state.name());
        }
    }

    #[test]
    fn every_open_state_can_still_end() {
        for state in OrderState::ALL.into_iter().filter(|state| !state.is_terminal()) {
            let ends = CHANGES.iter().filter_map(|change| state.after(*change)).any(OrderState::is_terminal);
            assert!(ends, "{}", state.name());
        }
    }
}
