"""ccxt and ccxt.pro against the simulated exchange."""

import asyncio

import ccxt
import ccxt.pro

from common import KEY, SECRET, URL, WS, control, refused, row

OPTIONS = {"fetchMarkets": {"types": ["spot"]}, "fetchCurrencies": False, "fetchMargins": False}
SYMBOL = "BTC/USDT"


def pointed(exchange):
    """The same client with every address of its own pointing at the simulated exchange."""
    for name, address in list(exchange.urls["api"].items()):
        if isinstance(address, str):
            path = "/" + address.split("://", 1)[1].split("/", 1)[-1] if "/" in address.split("://", 1)[1] else ""
            exchange.urls["api"][name] = URL + path
    exchange.urls["api"]["ws"] = {**exchange.urls["api"].get("ws", {}), "spot": f"{WS}/ws", "margin": f"{WS}/ws"}
    exchange.urls["api"]["ws"]["ws-api"] = {"spot": f"{WS}/ws-api/v3", "future": f"{WS}/ws-api/v3"}
    return exchange


def settings():
    return {"apiKey": KEY, "secret": SECRET, "options": OPTIONS, "enableRateLimit": False}


def rest():
    exchange = pointed(ccxt.binance(settings()))
    row(1, "time", abs(exchange.fetch_time() - exchange.milliseconds()) < 5_000)
    market = exchange.load_markets()[SYMBOL]
    row(2, "filters are read", market["precision"]["price"] == 0.01 and market["limits"]["cost"]["min"] == 5.0, market)
    candles = exchange.fetch_ohlcv(SYMBOL, "1m", limit=500)
    steps = {later[0] - earlier[0] for earlier, later in zip(candles, candles[1:])}
    row(3, "candles", len(candles) == 500 and steps == {60_000}, (len(candles), steps))
    paged = exchange.fetch_ohlcv(SYMBOL, "1m", since=candles[0][0], limit=100)
    row(3, "candles by pages", [candle[0] for candle in paged] == [candle[0] for candle in candles[:100]])
    book, ticker = exchange.fetch_order_book(SYMBOL, 20), exchange.fetch_ticker(SYMBOL)
    row(4, "book and ticker", book["bids"][0][0] < book["asks"][0][0] and ticker["last"] > 0, ticker)
    last = ticker["last"]
    low = float(exchange.price_to_precision(SYMBOL, last * 0.9))
    placed = exchange.create_order(SYMBOL, "limit", "buy", 0.01, low)
    found = exchange.fetch_order(placed["id"], SYMBOL)
    gone = exchange.cancel_order(placed["id"], SYMBOL)
    row(5, "place, query, cancel", found["status"] == "open" and gone["status"] == "canceled", (found, gone))
    bought = exchange.create_market_buy_order_with_cost(SYMBOL, 100)
    fees = {fee["currency"] for fee in bought["fees"]}
    row(6, "market buy by cost, fee in the coin", bought["filled"] > 0 and fees == {"BTC"}, bought)
    trades = exchange.fetch_my_trades(SYMBOL)
    row(6, "own trades", abs(sum(trade["amount"] for trade in trades) - bought["filled"]) < 1e-9, trades)
    error = refused(ccxt.BaseError, exchange.create_order, SYMBOL, "limit", "buy", 0.00001, low)
    row(8, "notional", "NOTIONAL" in str(error), error)
    refused(ccxt.InsufficientFunds, exchange.create_order, SYMBOL, "limit", "buy", 100, low)
    row(8, "insufficient funds", True)
    refused(ccxt.OrderNotFound, exchange.cancel_order, "99999999", SYMBOL)
    row(8, "unknown order", True)
    forged = pointed(ccxt.binance({**settings(), "secret": "not the secret of this key"}))
    refused(ccxt.AuthenticationError, forged.fetch_balance)
    row(9, "forged signature", True)
    placed = exchange.create_order(SYMBOL, "limit", "buy", 0.01, low)
    edited = exchange.edit_order(placed["id"], SYMBOL, "limit", "buy", 0.02, low)
    row(11, "cancel and replace", edited["amount"] == 0.02 and edited["id"] != placed["id"], edited)
    exchange.cancel_all_orders(SYMBOL)
    row(11, "none is left", exchange.fetch_open_orders(SYMBOL) == [])


async def streams():
    exchange = pointed(ccxt.pro.binance(settings()))
    try:
        await exchange.load_markets()
        trades = await asyncio.wait_for(exchange.watch_trades(SYMBOL), 60)
        row(13, "trades on the stream", len(trades) > 0)
        candles = await asyncio.wait_for(exchange.watch_ohlcv(SYMBOL, "1m"), 60)
        row(13, "candles on the stream", len(candles) > 0)
        for _ in range(5):
            book = await asyncio.wait_for(exchange.watch_order_book(SYMBOL), 60)
        row(14, "book on the stream", book["bids"][0][0] < book["asks"][0][0] and len(book["bids"]) >= 20, book)
        watching = asyncio.ensure_future(exchange.watch_orders(SYMBOL))
        await asyncio.sleep(2)
        placed = await exchange.create_order(SYMBOL, "market", "buy", 0.001)
        orders = await asyncio.wait_for(watching, 60)
        row(12, "own orders on the stream", any(order["id"] == placed["id"] for order in orders), orders)
        control("disconnect")
        for _ in range(20):
            try:
                trades = await asyncio.wait_for(exchange.watch_trades(SYMBOL), 60)
                break
            except ccxt.NetworkError:
                await asyncio.sleep(0.2)
        row(15, "trades again after the connection broke", len(trades) > 0)
    finally:
        await exchange.close()


rest()
asyncio.run(streams())
