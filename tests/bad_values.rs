//! Values that no field can mean: wrong types, numbers beyond all range, keys and columns given twice.

use crate::bad_input::{HEADER, IMPORT, SOUND, refuse};
use crate::outside::Folder;

#[test]
fn a_value_of_the_wrong_type_or_beyond_all_range_is_refused_with_its_field() {
    let mistakes: &[(&str, &str, &[&str])] = &[
        ("seed = 3", "seed = 3, seed = 4", &["a.toml:3: duplicate key"]),
        ("[data]", "[account]\n[account]\n[data]", &["duplicate key"]),
        ("fast = 10", "fast = 1e400", &["fast: must be a whole number, but is a number"]),
        ("fast = 10", "fast = nan", &["fast: must be a whole number"]),
        ("fast = 10", "fast = true", &["but is true or false"]),
        ("fast = 10", "fast = 2024-01-01", &["but is a date"]),
        ("fast = 10", "fast = 99999999999999999999", &["fast: 99999999999999999999 is outside 2 to 100000"]),
        ("\"BTCUSDT\"", "[\"BTCUSDT\"]", &["symbol: must be a text in quotes, but is a list"]),
        ("\"BTCUSDT\"", "\"../../x\"", &["'../../x' cannot be a name"]),
        ("candles = 3000", "candles = 9223372036854775807", &["candles: 9223372036854775807 is outside"]),
        ("\"sma_cross\"", "\"sma_\\u0000cross\"", &["no strategy 'sma_\\u{0}cross'"]),
        ("[[desk]]", "[policy]\nprofile = true\n[[desk]]", &["policy.profile: must be a text in quotes"]),
        ("[[desk]]", "[policy]\nprofile = \"VectorBT\"\n[[desk]]", &["policy.profile: 'VectorBT'", "vectorbt"]),
        ("[[desk]]", "[policy]\nmarket = \"same-close\"\n[[desk]]", &["policy.market", "within a profile only"]),
        (
            "[[desk]]",
            "[policy]\nprofile = \"vectorbt\"\nmarket = \"next-price\"\n[[desk]]",
            &["policy.market: contradicts policy.profile"],
        ),
        ("[[desk]]", "[costs]\nparticipation = 1e-30\n[[desk]]", &["participation: '1e-30' is not a decimal number"]),
        ("[[desk]]", "[costs]\nlatency_ms = { order = 1e3 }\n[[desk]]", &["latency_ms.order: must be a whole number"]),
        ("[[desk]]", "[account]\nopening = { USDT = \"1e999999999\" }\n[[desk]]", &["'1e999999999' is not a decimal"]),
        ("[[desk]]", "[account]\nopening = { USDT = \"0x10\" }\n[[desk]]", &["'0x10' is not a decimal number"]),
        ("[[desk]]", "[account]\nopening = { USDT = \"-5\" }\n[[desk]]", &["opening.USDT: -5 must be above zero"]),
        ("[[desk]]", "[account]\nopening = 5\n[[desk]]", &["account.opening: must be a table"]),
    ];
    for (from, to, parts) in mistakes {
        assert!(SOUND.contains(from));
        let folder = Folder::new();
        folder.put("a.toml", SOUND.replacen(from, to, 1));
        refuse(&folder, &["run", "a.toml"], 2, parts);
    }
    let folder = Folder::new();
    folder.put("a.toml", format!("{SOUND}x = {}\n", "[".repeat(50_000)));
    refuse(&folder, &["run", "a.toml"], 2, &["reading a.toml:9", "recurse"]);
}

#[test]
fn a_cell_beyond_all_range_is_refused_with_its_line() {
    let candle = |row: &str| format!("{HEADER}{row}\n");
    let trade = |row: &str| format!("time,id,side,price,amount\n{row}\n");
    let candles: &[(String, &[&str])] = &[
        (candle("1704067200000,1e999999999,2,0.5,1.5,10"), &["line 2: column 'open': '1e999999999'", "digits"]),
        (candle("1704067200000,1,2,0.5,1.5,1e-400"), &["line 2: column 'volume': '1e-400'", "digits"]),
        (candle("1704067200000,1,2,0.5,1.5,170141183460469231731687303715884105728"), &["column 'volume'", "digits"]),
        (candle("1704067200000,0.00000000000000000000000001,2,0.5,1.5,1"), &["column 'open'", "digits"]),
        (candle("9223372036854775807,1,2,0.5,1.5,1"), &["line 2: the time '9223372036854775807' lies before 1970 or"]),
        (candle("-1,1,2,0.5,1.5,1"), &["line 2: the time '-1' lies before 1970"]),
        (HEADER.replace("low", "high") + "1,1,1,1,1,1\n", &["line 1: the column 'high' comes twice"]),
        (candle(&format!("1704067200000,{},2,0.5,1.5,1", "9".repeat(30_000))), &["line 2: column 'open': '999", " … "]),
        (candle("1704067200000,\"1\n2\u{1b}[2J\",2,0.5,1.5,1"), &["column 'open': '1\\n2\\u{1b}[2J'"]),
    ];
    for (text, parts) in candles {
        let folder = Folder::new();
        folder.put("x.csv", text);
        refuse(&folder, &[&["data", "import", "x.csv"], IMPORT].concat(), 2, parts);
    }
    let trades: &[(String, &[&str])] = &[
        (trade("1704067200000,1,up,1,1"), &["line 2: column 'side': 'up': it must be buy or sell"]),
        (trade("1704067200000,1,buy,NaN,1"), &["line 2: column 'price': 'NaN'"]),
        (trade("1704067200000,1,buy,1,-1"), &["line 2: column 'amount': '-1'", "above zero"]),
        (trade("1704067200000,-1,buy,1,1"), &["line 2: column 'id': '-1'", "negative"]),
        (trade("1704067200000,99999999999999999999,buy,1,1"), &["line 2: column 'id'"]),
    ];
    for (text, parts) in trades {
        let folder = Folder::new();
        folder.put("x.csv", text);
        refuse(&folder, &["data", "import", "x.csv", "--venue", "v", "--symbol", "S"], 2, parts);
    }
    for (bytes, part) in [(&b""[..], "e.zip is empty"), (b"PK\x03\x04", "the zip archive cannot be read")] {
        let folder = Folder::new();
        folder.put("e.zip", bytes);
        refuse(&folder, &[&["data", "import", "e.zip"], IMPORT].concat(), 2, &[part]);
    }
}
