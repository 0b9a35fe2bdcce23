//! Why an order was refused, rejected or cancelled. Every reason has one name, used in files and on the terminal; its
//! place in the list enters the fingerprint, so new ones stand last.

macro_rules! named {
    ($(#[$about:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $text:literal,)* }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        pub enum $name { $($(#[$doc])* #[serde(rename = $text)] $variant,)* }

        impl $name {
            /// Every reason, in order.
            pub const ALL: &'static [$name] = &[$($name::$variant,)*];

            /// The reason's name in files and on the terminal.
            pub const fn name(self) -> &'static str {
                match self { $($name::$variant => $text,)* }
            }
        }
    };
}

named! {
    /// Why the desk itself did not send an order. News, not a fault: the strategy gets it as a value.
    Refusal {
        /// The strategy is still warming up.
        WarmUp = "warm-up",
        /// The desk is halted.
        Halted = "halted",
        /// The account is halted.
        AccountHalted = "account-halted",
        /// The instrument is not one of the desk's.
        ForeignInstrument = "foreign-instrument",
        /// No price of the instrument is known yet.
        NoPrice = "no-price",
        /// The quantity is zero or below.
        Quantity = "quantity",
        /// Price is not a positive multiple of the tick.
        Tick = "PRICE_FILTER",
        /// Quantity is below the minimum, above the maximum or no multiple of the lot.
        Lot = "LOT_SIZE",
        /// Price times quantity is below the venue's minimum.
        MinimumNotional = "NOTIONAL",
        /// Not enough of the asset is free.
        InsufficientBalance = "insufficient-balance",
        /// The desk's share of capital does not cover it.
        CapitalShare = "capital-share",
        /// The order alone is larger than allowed.
        MaximumOrderNotional = "maximum-order-notional",
        /// The position on the symbol would be larger than allowed.
        MaximumPosition = "maximum-position",
        /// The exposure on the symbol would be larger than allowed.
        MaximumSymbolExposure = "maximum-symbol-exposure",
        /// The desk's exposure would be larger than allowed.
        MaximumDeskExposure = "maximum-desk-exposure",
        /// The account's exposure would be larger than allowed.
        MaximumAccountExposure = "maximum-account-exposure",
        /// Today's loss has reached its limit; only reducing orders pass until UTC midnight.
        DailyLoss = "daily-loss",
        /// Too many losing trades in a row; only reducing orders pass.
        ConsecutiveLosses = "consecutive-losses",
        /// There is no such open order of this desk.
        UnknownOrder = "unknown-order",
        /// The new terms are of another kind, or below what is already filled.
        Terms = "terms",
        /// A reduce-only order without a position to reduce.
        NothingToReduce = "nothing-to-reduce",
        /// An amount left the range of exact integers.
        Overflow = "overflow",
        /// The parts of the order do not fit together, such as a market order that may not take.
        Form = "order-form",
        /// The order alone is of a larger quantity than allowed.
        MaximumOrderQuantity = "maximum-order-quantity",
        /// The desk or the account would have more open orders than allowed.
        MaximumOpenOrders = "maximum-open-orders",
        /// More of the symbol would be traded in the UTC day than allowed.
        DailyQuantity = "daily-quantity",
        /// The desk would begin more trades in the UTC day than allowed.
        DailyTrades = "daily-trades",
        /// The capital lies too far below its peak; only reducing orders pass.
        Drawdown = "drawdown",
        /// The desk's last trade on the symbol closed too short a time ago.
        Cooldown = "cooldown",
        /// The order's price or trigger lies too far from the last price.
        PriceCollar = "price-collar",
        /// Too many orders and replacements in too short a time.
        MessageThrottle = "message-throttle",
        /// The same order is open already, or was sent a moment ago.
        DuplicateOrder = "duplicate-order",
    }
}

named! {
    /// Why the venue refused an order, in the exchange's own words where it has some.
    RejectReason {
        /// Price is not a positive multiple of the tick.
        PriceFilter = "PRICE_FILTER",
        /// Quantity is below the minimum, above the maximum or no multiple of the lot.
        LotSize = "LOT_SIZE",
        /// Price times quantity is below the minimum.
        Notional = "NOTIONAL",
        /// Price lies too far from the last price.
        PercentPrice = "PERCENT_PRICE",
        /// Too many open orders on the symbol.
        MaximumOpenOrders = "MAX_NUM_ORDERS",
        /// The account does not hold enough.
        InsufficientBalance = "INSUFFICIENT_BALANCE",
        /// A reduce-only order without a position to reduce.
        ReduceOnly = "REDUCE_ONLY",
        /// The order named is not open.
        UnknownOrder = "UNKNOWN_ORDER",
        /// Its time was over before it arrived.
        AlreadyExpired = "EXPIRED_BEFORE_ARRIVAL",
        /// An amount left the range of exact integers.
        Overflow = "OVERFLOW",
        /// It may not take, and would have.
        WouldTake = "WOULD_TAKE",
        /// The other order of its pair was refused.
        PairRefused = "PAIR_REFUSED",
        /// The cancel before it failed, and it was to be sent only after one that succeeds.
        NotAttempted = "NOT_ATTEMPTED",
    }
}

named! {
    /// Why an order that the venue had accepted went away unfilled.
    CancelReason {
        /// The desk asked for it.
        Requested = "requested",
        /// Immediate-or-cancel: the rest did not fill at arrival.
        ImmediateOrCancel = "immediate-or-cancel",
        /// Its sibling in the group filled.
        Sibling = "sibling-filled",
        /// Its entry went away before it filled.
        EntryGone = "entry-gone",
        /// Nothing was left for a reduce-only order to reduce.
        NothingToReduce = "nothing-to-reduce",
        /// At its fill the account did not hold enough.
        InsufficientBalance = "insufficient-balance",
        /// An amount left the range of exact integers.
        Overflow = "overflow",
        /// Fill-or-kill: not all of it could fill at arrival.
        FillOrKill = "fill-or-kill",
        /// It may not take, and would have.
        WouldTake = "would-take",
        /// The other order of its pair ended.
        PairGone = "pair-gone",
    }
}
