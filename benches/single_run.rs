//! temp
#![allow(dead_code)]
#[path = "../tests/world.rs"]
mod world;
use std::sync::Arc;
use std::time::Instant;
use tapeline::domain::*;
use tapeline::engine::*;
use tapeline::indicator::Spec;
use tapeline::ledger::*;
use tapeline::strategy::*;
use tapeline::venue::*;
use world::World;

struct Cross {
    fast: Slot,
    slow: Slot,
    above: Option<bool>,
    q: Quantity,
}
impl Trader for Cross {
    fn on_candles(&mut self, c: &mut Context<'_>, _: &[SeriesId]) {
        let (Some(f), Some(s)) = (c.value(self.fast), c.value(self.slow)) else { return };
        let above = f > s;
        if self.above == Some(above) {
            return;
        }
        let before = self.above.replace(above);
        if before.is_some() {
            let _ = c.target(InstrumentId(0), if above { self.q } else { Quantity::ZERO }, Tag(0));
        }
    }
    fn on_update(&mut self, _: &mut Context<'_>, _: &OrderUpdate) {}
    fn on_timer(&mut self, _: &mut Context<'_>, _: TimerId) {}
}

fn bare(o: &[f64], c: &[f64], f: usize, s: usize) -> (f64, f64, u64) {
    const FEE: f64 = 0.001;
    let (mut sf, mut ss) = (0.0, 0.0);
    let (invf, invs) = (1.0 / f as f64, 1.0 / s as f64);
    let (mut cash, mut qty, mut peak, mut low) = (1e6, 0.0, 1e6f64, 1.0f64);
    let (mut above, mut valid, mut pend, mut orders) = (false, false, 0i8, 0u64);
    for i in 0..c.len() {
        if pend != 0 {
            if pend > 0 {
                if qty == 0.0 {
                    qty = cash / (o[i] * (1.0 + FEE));
                    cash = 0.0;
                    orders += 1;
                }
            } else if qty != 0.0 {
                cash += qty * o[i] * (1.0 - FEE);
                qty = 0.0;
                orders += 1;
            }
            pend = 0;
        }
        sf += c[i];
        ss += c[i];
        if i >= f {
            sf -= c[i - f];
        }
        if i >= s {
            ss -= c[i - s];
        }
        let eq = cash + qty * c[i];
        if eq > peak {
            peak = eq;
        } else if eq < low * peak {
            low = eq / peak;
        }
        if i + 1 >= s {
            let a = sf * invf > ss * invs;
            if valid {
                if a && !above {
                    pend = 1
                } else if !a && above {
                    pend = -1
                }
            }
            above = a;
            valid = true;
        }
    }
    (cash + qty * c[c.len() - 1], 1.0 - low, orders)
}

fn main() {
    let n: usize = std::env::var("N").ok().and_then(|x| x.parse().ok()).unwrap_or(2_628_000);
    let mut cols = CandleColumns::with_capacity(n);
    let (mut st, mut p) = (0x9E37_79B9_7F4A_7C15u64, 3_000_000i64);
    for row in 0..n {
        let mut d = |r: i64| {
            st ^= st << 13;
            st ^= st >> 7;
            st ^= st << 17;
            (st >> 33) as i64 % r
        };
        let open = p;
        p = (p + (d(1000) + d(1000) + d(1000) + d(1000) - 2000 + 2)).max(1000);
        let (h, l) = (open.max(p) + d(500), open.min(p) - d(500));
        cols.push(&Candle {
            open_time: world::minute(row as i64),
            open: Price::from_units(open),
            high: Price::from_units(h),
            low: Price::from_units(l),
            close: Price::from_units(p),
            volume: Quantity::from_units(1_000_000 + d(1_000_000)),
        });
    }
    let o: Vec<f64> = cols.open.iter().map(|x| *x as f64 / 100.0).collect();
    let c: Vec<f64> = cols.close.iter().map(|x| *x as f64 / 100.0).collect();
    let mut w = World::new(InstrumentKind::Spot);
    w.policy = Policy::default();
    w.instruments[0].fees = Dated::always(Fees {
        maker: Rate::from_units(100_000),
        taker: Rate::from_units(100_000),
        asset: FeeAsset::Quote,
        rounding: Rounding::Up,
    });
    w.opening[0].1 = Amount::from_units(1_000_000_000 * 100_000_000);
    let big = |v: i128| Some(Limit { value: Amount::from_units(v * 100_000_000), action: Action::Enforce });
    w.limits = Limits {
        maximum_order_notional: big(1_000_000_000),
        maximum_position: vec![Some(Limit { value: Quantity::from_units(1_000_000), action: Action::Enforce })],
        maximum_symbol_exposure: big(1_000_000_000),
        maximum_desk_exposure: big(1_000_000_000),
        daily_loss: Some(Limit { value: Rate::from_units(99_000_000), action: Action::Enforce }),
        consecutive_losses: Some(Limit { value: 1_000_000, action: Action::Enforce }),
    };
    w.account_limits = AccountLimits {
        maximum_exposure: big(1_000_000_000),
        maximum_symbol_exposure: big(1_000_000_000),
        daily_loss: Some(Limit { value: Rate::from_units(99_000_000), action: Action::Enforce }),
    };
    w.tape.series[0].columns = Arc::new(cols);
    let (mut a, mut b) = (vec![], vec![]);
    let idle = if std::env::args().any(|x| x == "turn") { Idle::Turn } else { Idle::Skip };
    let only = std::env::args().any(|x| x == "only");
    for _ in 0..if only { std::env::var("R").ok().and_then(|x| x.parse().ok()).unwrap_or(60) } else { 9 } {
        let t = Instant::now();
        let r = if only { (0.0, 0.0, 0) } else { bare(&o, &c, 10, 50) };
        a.push(t.elapsed().as_secs_f64());
        std::hint::black_box(r);
        w.idle = idle;
        let mut s = {
            let t = Cross { fast: Slot(0), slow: Slot(1), above: None, q: Quantity::from_units(10) };
            w.session_with(
                vec![t],
                &[],
                &[(SeriesId(0), Spec::Sma { window: 10 }), (SeriesId(0), Spec::Sma { window: 50 })],
            )
        };
        let t = Instant::now();
        s.run(&mut TapeFeed::new(&w.tape, w.block_rows)).unwrap();
        let (out, _) = s.finish(SimVenue::close, 2);
        b.push(t.elapsed().as_secs_f64());
        if b.len() == 1 {
            println!(
                "fills {} trades {} dd {} fp {:032x} bare orders {} complaints {:?}",
                out.records.fills.len(),
                out.records.trades.len(),
                out.max_drawdown,
                out.fingerprint,
                r.2,
                out.complaints
            );
        }
    }
    a.sort_by(f64::total_cmp);
    b.sort_by(f64::total_cmp);
    println!(
        "bare {:.1} M/s  engine {:.1} M/s  ratio {:.3}",
        n as f64 / a[a.len() / 2] / 1e6,
        n as f64 / b[b.len() / 2] / 1e6,
        a[a.len() / 2] / b[b.len() / 2]
    );
}
