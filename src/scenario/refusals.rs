//! What a scenario may not say: each mistake one clear fault that names the place and what to do, exit code 2.

use super::Overrides;
use super::tests::{LARGE, SMALL, read_with};
use crate::venue::Policy;

/// A mistake: what stands in the sound text, what is written instead, what the fault must say.
pub(super) type Mistake<'a> = (&'a str, &'a str, &'a [&'a str]);

pub(super) fn check(sound: &str, mistakes: &[Mistake<'_>]) {
    read_with(sound, &Overrides::default()).unwrap();
    for (from, to, expected) in mistakes {
        assert!(sound.contains(from), "{from} is not in the sound text");
        let text = sound.replacen(from, to, 1);
        let fault = match read_with(&text, &Overrides::default()) {
            Err(fault) => fault,
            Ok(_) => panic!("accepted: {to}"),
        };
        let said = fault.to_string();
        assert_eq!(fault.exit_code(), 2, "{said}");
        assert!(said.contains("scenarios/test.toml"), "no file in: {said}");
        for part in *expected {
            assert!(said.contains(part), "{part:?} is not in: {said}");
        }
    }
}

#[test]
fn an_unknown_key_is_refused_with_its_line_and_the_nearest_name() {
    check(
        LARGE,
        &[
            ("[costs]", "[cost]", &["unknown key 'cost'", "did you mean 'costs'?"]),
            ("accounting =", "acounting =", &["test.toml:6: account: unknown key 'acounting'", "'accounting'"]),
            ("participation =", "partcipation =", &["costs: unknown key", "'participation'"]),
            ("cancel = 90", "canel = 90", &["costs.latency_ms: unknown key 'canel'", "'cancel'"]),
            ("tick = \"0.01\"", "tik = \"0.01\"", &["instrument[1].filters[1]: unknown key 'tik'", "'tick'"]),
            ("taker = 1e-3", "takr = 1e-3", &["instrument[1].fees: unknown key 'takr'", "'taker'"]),
            ("kind = \"linear\"", "knd = \"linear\"", &["instrument[4]: unknown key 'knd'", "'kind'"]),
            ("maximum_exposure =", "max_exposure =", &["account.limits: unknown key", "'maximum_exposure'"]),
            ("intrabar =", "intra_bar =", &["policy: unknown key", "'intrabar'"]),
            ("share =", "shares =", &["desk[1]: unknown key 'shares'", "'share'"]),
            ("fast = 20", "fst = 20", &["desk[1].parameters: unknown key 'fst'", "'fast'"]),
            ("consecutive_losses = 5", "consecutive_loss = 5", &["'consecutive_losses'"]),
            ("cooldown =", "cool_down =", &["desk[1].limits: unknown key 'cool_down'", "'cooldown'"]),
            ("drawdown = \"0.3\"", "drawdwn = \"0.3\"", &["account.limits: unknown key 'drawdwn'", "'drawdown'"]),
            ("per = \"10s\"", "pre = \"10s\"", &["message_throttle: unknown key 'pre'", "'per'"]),
            ("{ BTCUSDT = \"0.25\" }", "{ BTCUSD = 1 }", &["the desk does not trade BTCUSD", "'BTCUSDT'"]),
            ("equity = \"candle\"", "equty = \"candle\"", &["output: unknown key", "'equity'"]),
            ("action = \"observe\" }\ndaily", "acton = \"observe\" }\ndaily", &["'action'"]),
        ],
    );
    check(SMALL, &[("seed = 3", "sed = 3", &["test.toml:3: data.synthetic: unknown key 'sed'", "'seed'"])]);
}

#[test]
fn a_version_that_is_missing_or_unknown_is_refused() {
    check(
        SMALL,
        &[
            ("version = 1\n", "", &["version is missing", "version = 1"]),
            ("version = 1", "version = 2", &["format version 2 is unknown", "reads version 1"]),
            ("version = 1", "version = \"1\"", &["must be a whole number"]),
            ("version = 1", "version = 1\nkind = \"plam\"", &["'plam' is none of scenario, plan", "'plan'"]),
        ],
    );
}

#[test]
fn a_wrong_type_or_range_is_refused() {
    check(
        LARGE,
        &[
            ("currency = \"USDT\"", "currency = 7", &["account.currency: must be a text", "a whole number"]),
            ("USDT = 10000.5", "USDT = true", &["account.opening.USDT: must be a decimal number"]),
            ("USDT = 10000.5", "USDT = nan", &["'nan' is not a decimal number"]),
            ("USDT = 10000.5", "USDT = inf", &["'inf' is not a decimal number"]),
            ("USDT = 10000.5", "USDT = -1", &["-1 must be above zero"]),
            ("USDT = 10000.5", "USDT = \"1e400\"", &["'1e400' is not a decimal number"]),
            ("opening = {", "opening = 3 #{", &["account.opening: must be a table"]),
            ("opening = { USDT = 10000.5, BTC = \"0.25\", BNB = \"3\" }", "opening = {}", &["names no asset"]),
            ("cancel = 90", "cancel = 99999999999999999999", &["costs.latency_ms.cancel", "is outside 0 to"]),
            ("cancel = 90", "cancel = -1", &["-1 is outside 0 to 3600000"]),
            ("cancel = 90", "cancel = 1.5", &["must be a whole number, but is a number"]),
            ("participation = 0.05", "participation = 1.5", &["costs.participation: 1.5 is outside"]),
            ("participation = 0.05", "participation = \"of\"", &["'of' is not a decimal number"]),
            ("basis_points = \"1.5\"", "basis_points = \"-1\"", &["-1 is outside 0 to 5000"]),
            ("basis_points = \"1.5\"", "basis_points = \"0.00001\"", &["more than four decimals"]),
            ("taker = 1e-3", "taker = 0.1", &["0.1 is outside 0 to 0.05", "0.1 % is 0.001"]),
            ("taker = 1e-3", "taker = -0.001", &["-0.001 is outside 0 to 0.05"]),
            ("maker = \"-0.0001\"", "maker = \"-0.06\"", &["-0.06 is outside -0.05 to 0.05"]),
            ("taker = 1e-3", "taker = 0.0010000001", &["more than eight decimals"]),
            ("tick = \"0.01\"", "tick = 0", &["filters[1].tick: 0 must be above zero"]),
            ("minimum_notional = 10", "minimum_notional = -10", &["-10 must not be below zero"]),
            ("down = \"0.2\", up", "up", &["price_band: down is missing"]),
            ("interval = \"5m\"", "interval = \"7m\"", &["'7m' is not a candle interval"]),
            ("kind = \"linear\"", "kind = \"lineer\"", &["none of spot, linear", "did you mean 'linear'?"]),
            ("rounding = \"half-even\"", "rounding = \"nearest\"", &["none of up, down, half-even"]),
            ("from = 2024-01-05", "from = \"soon\"", &["period.from: 'soon' is not a time"]),
            ("from = 2024-01-05", "from = 2024-03-05", &["the period from", "is empty"]),
            ("name = \"large\"", "name = \"../large\"", &["'../large' cannot be a name"]),
            ("daily_loss = \"0.05\"", "daily_loss = 5", &["account.limits.daily_loss: 5 is outside"]),
            ("consecutive_losses = 5", "consecutive_losses = 0", &["0 is outside 1 to"]),
            (
                "maximum_open_orders = 7",
                "maximum_open_orders = 0",
                &["desk[1].limits.maximum_open_orders: 0 is outside"],
            ),
            ("daily_trades = 9", "daily_trades = \"nine\"", &["daily_trades: must be a whole number"]),
            ("{ value = 3,", "{ value = -3,", &["desk[1].limits.daily_quantity.value: -3 must be above zero"]),
            ("{ BTCUSDT = \"0.25\" }", "0", &["maximum_order_quantity: 0 must be above zero"]),
            ("drawdown = 0.25", "drawdown = 25", &["desk[1].limits.drawdown: 25 is outside"]),
            ("drawdown = \"0.3\"", "drawdown = 0", &["account.limits.drawdown: 0 is outside"]),
            ("value = \"90m\"", "value = \"90\"", &["cooldown.value: '90' is not a length of time", "such as 90m"]),
            ("cooldown = {", "cooldown = 90 #{", &["cooldown: must be a text in quotes"]),
            ("price_collar = 0.02", "price_collar = \"2%\"", &["price_collar: '2%' is not a decimal number"]),
            ("value = 20, per", "value = 0, per", &["message_throttle.value: 0 is outside 1 to 100000"]),
            ("per = \"10s\"", "per = \"0s\"", &["message_throttle.per: '0s' is not a length of time"]),
            ("{ value = 20, per", "{ per", &["message_throttle: value is missing"]),
            ("duplicate_order = \"5s\"", "duplicate_order = \"-5s\"", &["'-5s' is not a length of time"]),
            (
                "daily_loss = { value = 0.1 }",
                "daily_loss = { action = \"observe\" }",
                &["daily_loss: value is missing"],
            ),
            ("share = \"0.333\"", "share = \"0.123456789\"", &["more than eight decimals"]),
        ],
    );
}

#[test]
fn text_that_is_not_toml_is_refused_with_its_line() {
    check(
        SMALL,
        &[
            ("[[desk]]", "[[desk]", &["reading scenarios/test.toml:6:"]),
            ("seed = 3", "seed = ", &["test.toml:3"]),
            ("[data]", "[data]\n[data]", &["duplicate key"]),
        ],
    );
}

#[test]
fn what_does_not_fit_together_is_refused() {
    check(
        LARGE,
        &[
            ("symbol = \"BNBUSDT\"", "symbol = \"BTCUSDT\"", &["the symbol BTCUSDT is there twice"]),
            ("symbols = [\"BNBUSDT\"]", "symbols = [\"BNBUSD\"]", &["no instrument BNBUSD", "'BNBUSDT'"]),
            ("symbols = [\"BNBUSDT\"]", "symbols = []", &["names no symbol"]),
            ("\"BTCUSDT\", \"ETHBTC\"]", "\"BTCUSDT\", \"BTCUSDT\"]", &["BTCUSDT is there twice"]),
            ("\"buy_and_hold\"\nsymbols", "\"buy_and_hld\"\nsymbols", &["no strategy 'buy_and_hld'", "'buy_and_hold'"]),
            (
                "strategy = \"buy_and_hold\"\nsymbols",
                "share = 0.7\nstrategy = \"buy_and_hold\"\nsymbols",
                &["sum to 1.033"],
            ),
            ("[[desk]]\nstrategy", "[[desk]]\nname = \"slow\"\nstrategy", &["two desks are named slow"]),
            ("name = \"slow\"", "name = \"costs\"", &["'costs' cannot be a desk's name"]),
            ("BTC = \"0.25\"", "BTG = \"0.25\"", &["account.opening names BTG", "did you mean 'BTC'?"]),
            ("base = \"ETH\"\nquote = \"BTC\"", "", &["what ETHBTC trades cannot be told", "base = \"ETH\""]),
            ("quote = \"BTC\"", "quote = \"ETH\"", &["base and quote are both ETH"]),
            (
                "base = \"SOL\"\nquote = \"USDT\"",
                "base = \"SOL\"\nquote = \"EUR\"",
                &["SOL cannot be valued in USDT", "lead to EUR and no further", "EURUSDT"],
            ),
            ("base = \"SOL\"\nquote = \"USDT\"", "base = \"USDT\"\nquote = \"BTC\"", &["run in a circle"]),
            ("asset = \"BNB\"", "asset = \"KCS\"", &["taken from KCS, which no instrument prices in USDT"]),
            ("asset = \"BNB\"", "asset = \"USDT\"", &["its quote asset", "asset = \"quote\""]),
            ("asset = \"received\"", "asset = \"BNB\"", &["BNB, which no instrument prices in BTC"]),
            ("venue = \"binance-spot\"\nmatch", "match", &["venue is missing"]),
            ("file = \"sol", "trades = \"sol", &["match = \"candles\" needs a file of candles"]),
            ("file = \"sol", "match = \"trades\"\nfile = \"sol", &["match = \"trades\" needs a file of trades"]),
            ("store = \"../data\"", "", &["no data are named for it"]),
            ("store = \"../data\"", "store = \"a\"\nsynthetic = {}", &["cannot both be given"]),
            ("file = \"sol", "synthetic = {}\nfile = \"sol", &["a file beside a synthetic market"]),
            ("interval = \"5m\"", "interval = \"5m\"\nsynthetic = {}", &["there is no synthetic market"]),
            ("interval = \"15m\"", "interval = \"1m\"", &["not made of whole 5m candles of ETHBTC"]),
            ("from = \"2024-01-20\"\n", "", &["filters[2]: from is missing"]),
            ("\ntick = \"0.01\"", "\nfrom = \"2024-02-01\"\ntick = \"0.01\"", &["not later than the row before"]),
            ("maximum_quantity = \"9000.000001\"", "maximum_quantity = 1\nminimum_quantity = 2", &["is below"]),
            ("{ BTCUSDT = \"0.5\"", "{ BNBUSDT = \"0.5\"", &["the desk does not trade BNBUSDT"]),
            ("intrabar = \"best\"", "intrabar = \"stop-first\"", &["within a profile only"]),
            ("intrabar = \"best\"", "limit_gap = \"at-open\"", &["within a profile only"]),
            ("intrabar = \"best\"", "stop_gap = \"at-level-in-candle\"", &["within a profile only"]),
            ("intrabar = \"best\"", "market = \"same-close\"", &["within a profile only"]),
            ("intrabar = \"best\"", "profile = \"freqtrade\"", &["costs.slippage: contradicts policy.profile"]),
            ("intrabar = \"best\"", "profile = \"vectorbt\"", &["contradicts policy.profile"]),
            ("intrabar = \"best\"", "profile = \"backtesting.py\"", &["costs.slippage: contradicts policy.profile"]),
            ("intrabar = \"best\"", "profile = \"backtrader\"", &["none of backtesting.py"]),
            ("slow = 0x64", "slow = 20", &["fast (20) must be below slow (20)", "tapeline strategies sma_cross"]),
            ("fast = 20", "fast = 1", &["desk[1].parameters.fast: 1 is outside 2 to 100000"]),
            ("fast = 20", "fast = \"ten\"", &["must be a whole number, but is a text"]),
            ("quantity = \"0.5\"", "quantity = 0", &["quantity: 0 is outside 0.00000001 to"]),
            ("quantity = \"0.5\"", "sizing = \"equty\"", &["none of fixed, equity", "fixed | equity"]),
        ],
    );
    check(
        SMALL,
        &[
            ("seed = 3", "interval = \"1h\", from = \"2024-01-01T00:30:00\"", &["no 1h candle opens at"]),
            ("seed = 3", "candles = 0", &["0 is outside 1 to"]),
            ("seed = 3", "candles = 52_560_000, interval = \"1w\"", &["beyond the year 2262"]),
            ("symbol = \"BTCUSDT\"", "symbol = \"BTCUSDT\"\ninterval = \"5m\"", &["not the synthetic market's 1m"]),
            ("symbol = \"BTCUSDT\"", "symbol = \"BTC USDT\"", &["'BTC USDT' cannot be a name"]),
            ("[[instrument]]\nsymbol = \"BTCUSDT\"\n", "", &["instrument is missing"]),
            ("[[desk]]\nstrategy = \"sma_cross\"\n", "", &["desk is missing", "--strategy"]),
            ("strategy = \"sma_cross\"", "strategy = \"order_list\"", &["parameter file of order_list is missing"]),
            (
                "\"sma_cross\"",
                "\"order_list\"\nparameters = { file = \"none.csv\" }",
                &["reading the input file", "none.csv"],
            ),
        ],
    );
}

#[test]
fn a_change_on_the_command_line_that_fits_nothing_is_refused_with_the_option() {
    let cases = [
        ("fst", "3", "--set fst=3: no desk has a parameter 'fst'", "did you mean 'fast'?"),
        ("fast", "3.5", "--set fast=3.5: desk[1].parameters.fast: '3.5' is not a whole number", ""),
        ("slow.fast", "500", "fast (500) must be below slow (100)", ""),
        ("slw.fast", "5", "--set slw.fast=5: there is no desk or section 'slw'", "did you mean 'slow'?"),
        ("cost.participation", "off", "there is no desk or section 'cost'", "did you mean 'costs'?"),
        (
            "costs.partcipation",
            "off",
            "--set costs.partcipation=off: costs: unknown key 'partcipation'",
            "'participation'",
        ),
        ("costs.participation.cap", "1", "participation is a number, not a table", ""),
        ("instrument.BTCUSD.fees.taker", "0", "there is no instrument BTCUSD", "did you mean 'BTCUSDT'?"),
        ("desk.slw.share", "1", "there is no desk slw", "did you mean 'slow'?"),
        ("account.opening", "{ USDT = ", "reading --set account.opening={ USDT = ", ""),
        ("version.x.y", "1", "this names nothing in the scenario", ""),
    ];
    for (name, value, message, remedy) in cases {
        let overrides = Overrides { set: vec![(name.to_owned(), value.to_owned())], ..Overrides::default() };
        let fault = read_with(LARGE, &overrides).expect_err(name);
        let said = fault.to_string();
        assert!(said.contains(message) && said.contains(remedy), "{name}={value} gives: {said}");
        assert_eq!(fault.exit_code(), 2);
    }
    for range in ["", "yesterday", "20240601-20240101", "2024-01-01-2024-02-01", "-", "20240101-never"] {
        let overrides = Overrides { timerange: Some(range.to_owned()), ..Overrides::default() };
        let said = read_with(LARGE, &overrides).expect_err(range).to_string();
        assert!(said.contains("--timerange"), "{said}");
    }
    assert!(Overrides::parse_set("fast").is_err() && Overrides::parse_set("=3").is_err());
    assert_eq!(Overrides::parse_set("a.b = x=y").unwrap(), ("a.b".to_owned(), "x=y".to_owned()));
}

#[test]
fn a_missing_scenario_is_the_users_mistake() {
    let path = std::path::Path::new("scenarios/there-is-none.toml");
    let fault = super::load(path, &Overrides::default(), &super::tests::Book).unwrap_err();
    assert_eq!(fault.exit_code(), 2);
    assert!(fault.to_string().contains("there-is-none.toml"), "{fault}");
}

#[test]
fn a_profile_that_decides_within_candles_is_refused_on_trades() {
    let on_trades = "match = \"trades\"\n[policy]\nprofile = \"backtesting.py\"\n[[desk]]";
    check(SMALL, &[("[[desk]]", on_trades, &["BTCUSDT is matched on trades", "remove the profile"])]);
}

#[test]
fn every_profile_has_its_rules_its_caution_and_comes_back_from_its_plan() {
    for (word, profile) in super::profile::PROFILES {
        let text = format!("{SMALL}[policy]\nprofile = \"{word}\"\n");
        let plan = read_with(&text, &Overrides::default()).unwrap();
        assert_eq!((plan.profile, plan.policy()), (Some(*profile), profile.policy()), "{word}");
        assert_ne!(plan.policy(), Policy::default());
        assert_eq!(read_with(&plan.to_toml(), &Overrides::default()).unwrap(), plan, "{word}");
        let (verdict, reason) = profile.caution();
        assert!(["CHEAT", "OPTIMISTIC", "UNVERIFIED"].contains(&verdict) && reason.len() > 20, "{word}");
        let slips = format!("{text}[costs]\nslippage = {{ minimum_ticks = 2 }}\n");
        let slips = read_with(&slips, &Overrides::default());
        match profile.leaves_slippage_open() {
            true => assert_eq!(slips.unwrap().policy().slippage.minimum_ticks, 2, "{word}"),
            false => assert!(slips.unwrap_err().to_string().contains("contradicts policy.profile"), "{word}"),
        }
    }
}
