//! How every asset turns into the account's currency: the shortest way from base to quote over the scenario's own
//! instruments. Where two ways are equally short, the instrument listed first decides.

use super::filters::FeeAssetPlan;
use super::instrument::InstrumentPlan;
use std::collections::VecDeque;

/// What is wrong, and what to do.
pub(super) type Complaint = (String, String);

/// The codes of all assets: the currency, then bases and quotes in the order of the instruments.
pub(super) fn assets(currency: &str, instruments: &[InstrumentPlan]) -> Vec<String> {
    let mut assets = vec![currency.to_owned()];
    for code in instruments.iter().flat_map(|instrument| [&instrument.base, &instrument.quote]) {
        if !assets.contains(code) {
            assets.push(code.clone());
        }
    }
    assets
}

/// By asset: the instruments whose prices lead from it to the currency.
pub(super) fn paths(assets: &[String], instruments: &[InstrumentPlan]) -> Result<Vec<Vec<usize>>, Complaint> {
    assets
        .iter()
        .map(|asset| {
            let currency = assets[0].as_str();
            path(asset, currency, instruments).map_err(|end| {
                let way = if end == asset { String::new() } else { format!(": its prices lead to {end} and no further") };
                (
                    format!("{asset} cannot be valued in {currency}, the account's currency{way}"),
                    format!(
                        "add an instrument with base = \"{end}\" and quote = \"{currency}\" (such as {end}{currency}); no \
                         desk has to trade it"
                    ),
                )
            })
        })
        .collect()
}

/// The instruments on the way, or the asset at which the last way ends.
fn path<'a>(asset: &'a str, currency: &str, instruments: &'a [InstrumentPlan]) -> Result<Vec<usize>, &'a str> {
    let mut queue = VecDeque::from([(asset, Vec::new())]);
    let mut seen = vec![asset];
    while let Some((here, way)) = queue.pop_front() {
        if here == currency {
            return Ok(way);
        }
        for (index, instrument) in instruments.iter().enumerate() {
            if instrument.base == here && !seen.contains(&instrument.quote.as_str()) {
                seen.push(&instrument.quote);
                queue.push_back((&instrument.quote, [way.as_slice(), &[index]].concat()));
            }
        }
    }
    Err(seen[seen.len() - 1])
}

/// The assets in an order in which every base comes before its quote.
pub(super) fn order(assets: &[String], instruments: &[InstrumentPlan]) -> Result<Vec<usize>, Complaint> {
    let mut ordered: Vec<usize> = Vec::new();
    while ordered.len() < assets.len() {
        let placed = |code: &str| ordered.iter().any(|index| assets[*index] == code);
        let ready = |asset: &str| instruments.iter().all(|other| other.quote != asset || placed(&other.base));
        let next = (0..assets.len()).find(|index| !ordered.contains(index) && ready(&assets[*index]));
        let Some(next) = next else {
            let stuck = (0..assets.len()).filter(|index| !ordered.contains(index)).map(|index| assets[index].as_str());
            return Err((
                format!("the prices of {} run in a circle", stuck.collect::<Vec<_>>().join(", ")),
                "remove the instrument that is another one the other way round".to_owned(),
            ));
        };
        ordered.push(next);
    }
    Ok(ordered)
}

/// By asset: the instrument whose price turns a fee into it, where fees are taken from it.
pub(super) fn fee_prices(assets: &[String], instruments: &[InstrumentPlan]) -> Result<Vec<Option<usize>>, Complaint> {
    let mut prices = vec![None; assets.len()];
    for payer in instruments {
        for (_, fees) in payer.fees.rows() {
            let FeeAssetPlan::Third(code) = &fees.asset else { continue };
            let (symbol, quote) = (&payer.symbol, &payer.quote);
            if code == quote {
                return Err((
                    format!("fees of {symbol} are taken from {code}, which is its quote asset"),
                    "write asset = \"quote\"".to_owned(),
                ));
            }
            let pricing = instruments.iter().position(|other| other.base == *code && other.quote == *quote);
            let Some(pricing) = pricing else {
                return Err((
                    format!("fees of {symbol} are taken from {code}, which no instrument prices in {quote}"),
                    format!("add an instrument with base = \"{code}\" and quote = \"{quote}\""),
                ));
            };
            let slot = assets.iter().position(|asset| asset == code).map(|index| &mut prices[index]);
            match slot {
                Some(Some(other)) if *other != pricing => {
                    return Err((
                        format!("fees are taken from {code} on instruments of different quote assets"),
                        "let it pay on instruments of one quote asset, and asset = \"quote\" on the others".to_owned(),
                    ));
                }
                Some(slot) => *slot = Some(pricing),
                None => {}
            }
        }
    }
    Ok(prices)
}
