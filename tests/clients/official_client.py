"""The exchange's own Python client, whose models name every field, against the simulated exchange."""

from binance_common.configuration import ConfigurationRestAPI
from binance_common.errors import BadRequestError, ClientError
from binance_sdk_spot.spot import Spot

from common import KEY, SECRET, URL, refused, row

SYMBOL = "BTCUSDT"
client = Spot(
    config_rest_api=ConfigurationRestAPI(api_key=KEY, api_secret=SECRET, base_path=URL, timeout=10_000),
)


def rest():
    api = client.rest_api
    row(1, "time", api.time().data().server_time > 0)
    symbols = {one.symbol for one in api.exchange_info().data().symbols}
    row(2, "symbols are read", SYMBOL in symbols, symbols)
    row(3, "candles", len(api.klines(symbol=SYMBOL, interval="1m", limit=10).data()) == 10)
    book = api.depth(symbol=SYMBOL, limit=10).data()
    row(4, "book", len(book.bids) == 10 and book.last_update_id > 0, book)
    last = float(book.bids[0][0])
    placed = api.new_order(
        symbol=SYMBOL, side="BUY", type="LIMIT", time_in_force="GTC", quantity=0.01, price=round(last * 0.9, 2)
    ).data()
    found = api.get_order(symbol=SYMBOL, order_id=placed.order_id).data()
    gone = api.delete_order(symbol=SYMBOL, order_id=placed.order_id).data()
    row(5, "place, query, cancel", (found.status, gone.status) == ("NEW", "CANCELED"), (found, gone))
    bought = api.new_order(symbol=SYMBOL, side="BUY", type="MARKET", quote_order_qty=100.0).data()
    row(6, "market buy by sum", bought.status == "FILLED" and len(bought.fills) > 0, bought)
    row(6, "own trades", len(api.my_trades(symbol=SYMBOL, order_id=bought.order_id).data()) == len(bought.fills))
    row(6, "account", any(one.asset == "BTC" for one in api.get_account().data().balances))
    refused(BadRequestError, api.new_order, symbol=SYMBOL, side="BUY", type="MARKET", quantity=0.000015)
    row(8, "lot size", True)
    refused((BadRequestError, ClientError), api.get_order, symbol=SYMBOL, order_id=99_999_999)
    row(8, "unknown order", True)


rest()
