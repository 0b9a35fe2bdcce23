//! Keys and signatures: HMAC-SHA256 in hexadecimal, Ed25519 in base64.

use super::params::{Params, instant};
use super::wire::Refused;
use crate::domain::{Span, Timestamp};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::{hmac, signature};

/// What proves that a request is its account's own.
#[derive(Clone)]
pub enum KeyProof {
    /// A secret that both sides hold.
    Hmac(hmac::Key),
    /// The public half of an Ed25519 key.
    Ed25519(Vec<u8>),
}

impl std::fmt::Debug for KeyProof {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            KeyProof::Hmac(_) => "a secret",
            KeyProof::Ed25519(_) => "a public key",
        })
    }
}

impl KeyProof {
    /// From a shared secret.
    pub fn from_secret(secret: &str) -> Self {
        KeyProof::Hmac(hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes()))
    }

    /// From a public key in PEM; none when it is not one of Ed25519.
    pub fn from_public_pem(pem: &str) -> Option<Self> {
        let body: String = pem.lines().filter(|line| !line.starts_with("-----")).map(str::trim).collect();
        let der = STANDARD.decode(body).ok()?;
        // SubjectPublicKeyInfo of Ed25519 (RFC 8410): twelve bytes that are always the same, and the key.
        const HEAD: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];
        (der.len() == 44 && der.starts_with(&HEAD)).then(|| KeyProof::Ed25519(der[12..].to_vec()))
    }

    /// Whether a signature is this key's for a payload.
    pub fn signed(&self, payload: &str, signature: &str) -> bool {
        match self {
            KeyProof::Hmac(key) => {
                bytes_of(signature).is_some_and(|tag| hmac::verify(key, payload.as_bytes(), &tag).is_ok())
            }
            KeyProof::Ed25519(public) => STANDARD.decode(signature).is_ok_and(|tag| {
                signature::UnparsedPublicKey::new(&signature::ED25519, public).verify(payload.as_bytes(), &tag).is_ok()
            }),
        }
    }
}

fn bytes_of(hex: &str) -> Option<Vec<u8>> {
    if !hex.len().is_multiple_of(2) || !hex.is_ascii() {
        return None;
    }
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).ok()).collect()
}

/// What a REST request signs: query and body as they were sent, without the signature, and nothing between them.
pub fn rest_payload(query: &str, body: &str) -> String {
    let without = |text: &str| -> String {
        let parts: Vec<&str> = text.split('&').filter(|part| !part.starts_with("signature=")).collect();
        parts.join("&")
    };
    without(query) + &without(body)
}

/// What a WebSocket request signs: its parameters in alphabetical order, as plain text.
pub fn socket_payload(params: &Params) -> String {
    let mut parts: Vec<&(String, String)> = params.0.iter().filter(|part| part.0 != "signature").collect();
    parts.sort();
    let parts: Vec<String> = parts.iter().map(|(name, value)| format!("{name}={value}")).collect();
    parts.join("&")
}

/// Whether a request comes in time.
///
/// # Errors
/// When its timestamp lies outside of its window, or ahead of the clock by a second.
pub fn check_time(params: &Params, now: Timestamp) -> Result<(), Refused> {
    let text = params.require("timestamp")?;
    let count: i64 = text.parse().map_err(|_| Refused::illegal("timestamp", "^[0-9]{1,20}$"))?;
    let sent = instant(count);
    let window = match params.get("recvWindow") {
        None => Span::from_millis(5_000),
        Some(text) => {
            let (whole, part) = text.split_once('.').unwrap_or((text, ""));
            let thousandths = format!("{part:0<3}");
            let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
            if !digits(whole) || thousandths.len() > 3 || !digits(&thousandths) || whole.len() > 9 {
                return Err(Refused::illegal("recvWindow", "^[0-9]{1,20}$"));
            }
            let micros: i64 = format!("{whole}{thousandths}").parse().unwrap_or(i64::MAX);
            Span::from_nanos(micros.saturating_mul(1_000))
        }
    };
    if window > Span::MINUTE {
        return Err(Refused::new(-1131, "recvWindow must be less than 60000."));
    }
    if sent >= now.after(Span::SECOND) {
        return Err(Refused::new(-1021, "Timestamp for this request was 1000ms ahead of the server's time."));
    }
    // A client tells whole milliseconds: the clock is read as it reads it.
    let late = Timestamp::from_millis(now.millis()).since(sent);
    if late > window {
        return Err(Refused::new(-1021, "Timestamp for this request is outside of the recvWindow."));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j";

    /// The exchange's own published examples.
    #[test]
    fn published_signatures_are_accepted_and_others_not() {
        let key = KeyProof::from_secret(SECRET);
        let query = "symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTC";
        let body = "quantity=1&price=0.1&recvWindow=5000&timestamp=1499827319559&signature=x";
        let payload = rest_payload(&format!("{query}&"), body);
        let whole = format!("{query}&quantity=1&price=0.1&recvWindow=5000&timestamp=1499827319559");
        let tag = "c8db56825ae71d6d79447849e617115f4a920fa2acdcab2b053c4b2838bd6b71";
        assert_eq!(payload, whole);
        assert!(key.signed(&whole, tag) && key.signed(&whole, &tag.to_uppercase()));
        assert!(!key.signed(&whole.replace("0.1", "0.2"), tag) && !key.signed(&whole, "zz"));
        let wide = whole.replace("LTCBTC", "%EF%BC%91%EF%BC%92%EF%BC%93%EF%BC%94%EF%BC%95%EF%BC%96");
        assert!(key.signed(&wide, "e1353ec6b14d888f1164ae9af8228a3dbd508bc82eb867db8ab6046442f33ef3"));
        let socket = [
            ("symbol", "BTCUSDT"),
            ("side", "SELL"),
            ("type", "LIMIT"),
            ("timeInForce", "GTC"),
            ("quantity", "0.01000000"),
            ("price", "52000.00"),
            ("recvWindow", "100"),
            ("timestamp", "1645423376532"),
            ("apiKey", "vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A"),
        ];
        let params = Params(socket.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect());
        let tag = "aa1b5712c094bc4e57c05a1a5c1fd8d88dcd628338ea863fec7b88e59fe2db24";
        assert!(key.signed(&socket_payload(&params), tag));
    }

    #[test]
    fn an_ed25519_key_signs_in_base64() {
        use ring::signature::KeyPair;
        let pair = ring::signature::Ed25519KeyPair::from_seed_unchecked(&[7; 32]).unwrap();
        let head = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];
        let der = [head.as_slice(), pair.public_key().as_ref()].concat();
        let pem = format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", STANDARD.encode(der));
        let key = KeyProof::from_public_pem(&pem).unwrap();
        let tag = STANDARD.encode(pair.sign(b"timestamp=1"));
        assert!(key.signed("timestamp=1", &tag) && !key.signed("timestamp=2", &tag));
        assert!(KeyProof::from_public_pem("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----").is_none());
    }

    #[test]
    fn a_request_comes_in_its_window() {
        let now = Timestamp::from_nanos(1_700_000_000_000_900_000);
        let tried = |text: &str| check_time(&Params::read(text, ""), now).err().map(|refused| refused.code);
        assert_eq!(tried("timestamp=1700000000000"), None);
        assert_eq!(tried("timestamp=1699999995000"), None);
        assert_eq!(tried("timestamp=1699999994999"), Some(-1021));
        assert_eq!(tried("timestamp=1700000000999"), None);
        assert_eq!(tried("timestamp=1700000001001"), Some(-1021));
        assert_eq!(tried("timestamp=1700000000000000&recvWindow=0.5"), None);
        assert_eq!(tried("timestamp=1699999940000&recvWindow=60001"), Some(-1131));
        assert_eq!(tried(""), Some(-1102));
    }
}
