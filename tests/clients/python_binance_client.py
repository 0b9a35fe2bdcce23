"""python-binance against the simulated exchange."""

import asyncio

from binance import AsyncClient, BinanceSocketManager
from binance.client import BaseClient, Client
from binance.exceptions import BinanceAPIException

from common import KEY, SECRET, URL, WS, refused, row

SYMBOL = "BTCUSDT"

for holder in (BaseClient, Client, AsyncClient):
    holder.API_URL = URL + "/api"
    holder.WS_API_URL = WS + "/ws-api/v3"
BinanceSocketManager.STREAM_URL = WS + "/"


def code(error):
    return error.code


def rest():
    client = Client(KEY, SECRET)
    row(1, "ping and time", client.ping() == {} and client.get_server_time()["serverTime"] > 0)
    info = client.get_symbol_info(SYMBOL)
    filters = {rule["filterType"]: rule for rule in info["filters"]}
    row(2, "filters are read", filters["PRICE_FILTER"]["tickSize"] == "0.01000000", filters)
    candles = client.get_klines(symbol=SYMBOL, interval="1m", limit=1001)
    row(3, "no more than a thousand candles", len(candles) == 1000 and len(candles[0]) == 12, len(candles))
    book = client.get_order_book(symbol=SYMBOL, limit=5)
    ticker = client.get_orderbook_ticker(symbol=SYMBOL)
    row(4, "book and ticker", len(book["bids"]) == 5 and float(ticker["bidPrice"]) < float(ticker["askPrice"]), book)
    last = float(client.get_symbol_ticker(symbol=SYMBOL)["price"])
    low, high = f"{last * 0.9:.2f}", f"{last * 1.1:.2f}"
    placed = client.order_limit_buy(symbol=SYMBOL, quantity="0.01", price=low)
    found = client.get_order(symbol=SYMBOL, orderId=placed["orderId"])
    gone = client.cancel_order(symbol=SYMBOL, orderId=placed["orderId"])
    row(5, "place, query, cancel", (found["status"], gone["status"]) == ("NEW", "CANCELED"), (found, gone))
    bought = client.order_market_buy(symbol=SYMBOL, quoteOrderQty="100")
    fees = {fill["commissionAsset"] for fill in bought["fills"]}
    row(6, "market buy by sum, fee in the coin", bought["status"] == "FILLED" and fees == {"BTC"}, bought)
    act = client.order_limit_buy
    cases = [
        ({"quantity": "0.01", "price": "100.001"}, -1013),
        ({"quantity": "0.000015", "price": low}, -1013),
        ({"quantity": "0.00001", "price": low}, -1013),
        ({"quantity": "1000", "price": low}, -2010),
        ({"quantity": "0.01", "price": f"{last * 9:.2f}"}, -1013),
        ({"quantity": "0.000000001", "price": low}, -1111),
    ]
    for terms, expected in cases:
        error = refused(BinanceAPIException, act, symbol=SYMBOL, **terms)
        row(8, f"{expected} {error.message}", code(error) == expected, error)
    forged = Client(KEY, "not the secret of this key")
    row(9, "forged signature", code(refused(BinanceAPIException, forged.get_account)) == -1022)
    late = Client(KEY, SECRET)
    late.timestamp_offset = -20_000
    row(9, "outside of the window", code(refused(BinanceAPIException, late.get_account)) == -1021)
    pair = client.create_oco_order(
        symbol=SYMBOL,
        side="SELL",
        quantity="0.001",
        aboveType="LIMIT_MAKER",
        abovePrice=high,
        belowType="STOP_LOSS_LIMIT",
        belowPrice=low,
        belowStopPrice=low,
        belowTimeInForce="GTC",
    )
    row(11, "a pair", len(pair["orderReports"]) == 2, pair)
    ended = client.v3_delete_order_list(symbol=SYMBOL, orderListId=pair["orderListId"])
    row(11, "a pair ends as one", {order["status"] for order in ended["orderReports"]} == {"CANCELED"}, ended)
    error = refused(BinanceAPIException, client.stream_get_listen_key)
    row(17, "listen keys are gone", error.status_code == 410, error)


async def streams():
    client = await AsyncClient.create(KEY, SECRET)
    try:
        manager = BinanceSocketManager(client)
        async with manager.kline_socket(SYMBOL, interval="1m") as socket:
            for _ in range(60):
                message = await asyncio.wait_for(socket.recv(), 90)
                if message["k"]["x"]:
                    break
            row(13, "a closed candle on the stream", message["k"]["x"], message)
        async with manager.multiplex_socket(["btcusdt@trade", "btcusdt@depth@100ms"]) as socket:
            seen = set()
            while len(seen) < 2:
                seen.add((await asyncio.wait_for(socket.recv(), 60))["stream"])
            row(14, "two streams on one connection", True)
        async with manager.user_socket() as socket:
            await asyncio.sleep(1)
            placed = await client.order_market_buy(symbol=SYMBOL, quantity="0.001")
            kinds = []
            while "outboundAccountPosition" not in kinds:
                kinds.append((await asyncio.wait_for(socket.recv(), 60))["e"])
            row(12, "own order and balances", kinds[0] == "executionReport" and placed["status"] == "FILLED", kinds)
        answer = await client.ws_get_order_book(symbol=SYMBOL)
        row(12, "the WebSocket API answers", len(answer["bids"]) > 0, answer)
    finally:
        await client.close_connection()


rest()
asyncio.run(streams())
