#!/usr/bin/env bash
# The verdict of docs/verdict.md: two shipped strategies swept over real candles and judged.
#   tests/verdict.sh PROGRAM FOLDER    writes the table to standard output; FOLDER keeps the store and the sweeps
# The candles are those of ../shared/market-data (or $TAPELINE_MARKET_DATA).
set -euo pipefail
program=$(realpath "$1")
data=$(realpath "${TAPELINE_MARKET_DATA:-"$(dirname "$0")/../../shared/market-data"}")
mkdir -p "$2"
cd "$2"

pairs=(ADA ATOM AVAX BTC DOGE DOT ETH INJ LINK LTC NEAR OP SOL XRP)
if [ ! -d data ]; then
  "$program" data import "$data"/bitfinex-spot/1m/BTCUSD-1m-*.csv.gz --venue bitfinex-spot --symbol BTCUSD \
    --interval 1m --quantity-decimals 8 >&2
  for pair in "${pairs[@]}"; do
    "$program" data import "$data/binance-spot/15m/${pair}USDT-15m-2023-04-01_2024-04-09.csv.gz" --venue binance-spot \
      --symbol "${pair}USDT" --interval 15m >&2
  done
fi

bitfinex='version = 1
[account]
currency = "USD"
opening = { USD = "10000" }
[data]
store = "data"
[[instrument]]
symbol = "BTCUSD"
venue = "bitfinex-spot"
base = "BTC"
quote = "USD"
filters = { tick = "0.1", lot = "0.0001", minimum_quantity = "0.0006", minimum_notional = "1" }
fees = { maker = "0.001", taker = "0.002" }
'
binance='version = 1
[account]
currency = "USDT"
opening = { USDT = "100000" }
[data]
store = "data"
'
symbols=""
for pair in "${pairs[@]}"; do
  binance+="[[instrument]]
symbol = \"${pair}USDT\"
venue = \"binance-spot\"
interval = \"15m\"
base = \"$pair\"
quote = \"USDT\"
fees = { maker = \"0.001\", taker = \"0.001\" }
"
  symbols+="\"${pair}USDT\", "
done

# name, market, symbols, interval, strategy, parameters, axes, condition
scenario() {
  {
    printf '%s' "$2" | sed "1a name = \"$1\""
    printf '[[desk]]\nstrategy = "%s"\nsymbols = [%s]\ninterval = "%s"\nparameters = { %s }\n' "$5" "$3" "$4" "$6"
    printf '[sweep]\naxes = { %s }\n' "$7"
    if [ -n "$8" ]; then printf 'where = "%s"\n' "$8"; fi
  } >"$1.toml"
}
averages='fast = "6..60:6", slow = "48..480:24"'
bands='window = "24..192:24", width = "1..3:0.5", adx_limit = "20,25,30,40"'
scenario bitfinex-sma "$bitfinex" '"BTCUSD"' 1h sma_cross 'sizing = "equity", fraction = "0.5"' "$averages" 'fast < slow'
scenario bitfinex-vwap "$bitfinex" '"BTCUSD"' 15m vwap_reversion 'fraction = "0.5"' "$bands" ''
scenario binance-sma "$binance" "$symbols" 1h sma_cross 'sizing = "equity", fraction = "0.07"' "$averages" 'fast < slow'
scenario binance-vwap "$binance" "$symbols" 15m vwap_reversion 'fraction = "0.07"' "$bands" ''

for name in bitfinex-sma bitfinex-vwap binance-sma binance-vwap; do
  "$program" sweep "$name.toml" >&2
done
# Judged when all are done: then the ledger knows everything that was tried.
for name in bitfinex-sma bitfinex-vwap binance-sma binance-vwap; do
  train=180 test=60
  case $name in binance-*) train=120 test=30 ;; esac
  "$program" validate sweeps/"$name"-* --walk-forward rolling --train $train --test $test --cross-validation 10,2 \
    --bands 5 --perturb 100 --json >"$name.json"
done
python3 - <<'PYTHON'
import json
names = ["bitfinex-sma", "bitfinex-vwap", "binance-sma", "binance-vwap"]
found = [json.load(open(f"{name}.json")) for name in names]
print("| |", " | ".join(names), "|")
print("|---" * (len(names) + 1) + "|")
def row(label, cells):
    print(f"| {label} |", " | ".join(cells), "|")
row("trials, days judged", [f"{one['done']}, {one['days']}" for one in found])
row("best", [", ".join(f"{name} {value}" for name, value in one["parameters"]) for one in found])
for finding in found[0]["findings"]:
    cells = []
    for one in found:
        same = next(other for other in one["findings"] if other["key"] == finding["key"])
        value = "n/a" if same["value"] is None else f"{same['value']:.3g}"
        cells.append(value + (" **fails**" if same.get("passes") is False else ""))
    row(finding["label"], cells)
row("verdict", [one["verdict"]["outcome"] for one in found])
PYTHON
