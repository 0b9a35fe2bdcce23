//! Accounts and their keys: from a file, or made for one session.

use super::core::Core;
use super::signing::KeyProof;
use super::wire::decimal::{Read, read};
use crate::error::{Fault, Result};
use ring::rand::{SecureRandom, SystemRandom};
use serde::Deserialize;
use std::collections::BTreeMap;

/// What a quote asset's balance is where no file of accounts says otherwise, in units of 1e-8.
const USUAL_BALANCE: i64 = 1_000_000_000_000;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    account: Vec<WrittenAccount>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenAccount {
    name: String,
    #[serde(default)]
    balances: BTreeMap<String, String>,
    #[serde(default)]
    key: Vec<WrittenKey>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenKey {
    key: String,
    secret: Option<String>,
    public_key: Option<String>,
}

impl std::fmt::Debug for WrittenKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a key")
    }
}

/// A key that was made for one session. Its secret is shown once, by whoever asked for it.
pub struct MadeKey {
    /// The key.
    pub key: String,
    /// Its secret.
    pub secret: String,
}

/// Opens the accounts of a file; `name` is what messages call it. Messages quote no key and no secret.
///
/// # Errors
/// When it is no such file, or an account or key in it makes no sense.
pub fn open_accounts(core: &mut Core, text: &str, name: &str) -> Result<()> {
    let wrong = |what: String| {
        Fault::user(format!("reading accounts from {name}: {what}")).remedy("see the page on the simulated exchange")
    };
    // A parser's message quotes the line, which may hold a secret: only its place is told.
    let file: File = toml::from_str(text).map_err(|error| {
        let line = error.span().map_or(1, |span| 1 + text[..span.start.min(text.len())].matches('\n').count());
        wrong(format!("line {line} is not as a file of accounts has it"))
    })?;
    if file.account.is_empty() {
        return Err(wrong("there is no account".to_owned()));
    }
    for written in file.account {
        let mut balances = Vec::new();
        for (asset, amount) in &written.balances {
            let Read::Units(units) = read(amount) else {
                return Err(wrong(format!("account {}: {asset} is no amount with eight decimals", written.name)));
            };
            balances.push((asset.clone(), units));
        }
        let account = core.open_account(&written.name, &balances)?;
        for key in &written.key {
            let proof = match (&key.secret, &key.public_key) {
                (Some(secret), None) if secret.len() >= 16 => Some(KeyProof::from_secret(secret)),
                (None, Some(pem)) => KeyProof::from_public_pem(pem),
                _ => None,
            };
            let proof = proof.filter(|_| key.key.len() >= 16 && key.key.is_ascii()).ok_or_else(|| {
                wrong(format!(
                    "account {}: a key has at least 16 letters, and a secret of as many or an Ed25519 public key in PEM",
                    written.name
                ))
            })?;
            core.add_key(account, &key.key, proof);
        }
    }
    Ok(())
}

/// Opens one account with a balance of every quote asset, and makes a key for it.
///
/// # Errors
/// When the system gives no randomness.
pub fn open_usual_account(core: &mut Core) -> Result<MadeKey> {
    let mut quotes: Vec<String> = core.listing().symbols.iter().map(|listed| listed.spec.quote.clone()).collect();
    quotes.sort();
    quotes.dedup();
    let balances: Vec<(String, i64)> = quotes.into_iter().map(|quote| (quote, USUAL_BALANCE)).collect();
    let account = core.open_account("default", &balances)?;
    let made = MadeKey { key: random_letters()?, secret: random_letters()? };
    core.add_key(account, &made.key, KeyProof::from_secret(&made.secret));
    Ok(made)
}

fn random_letters() -> Result<String> {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789AZ";
    let mut bytes = [0u8; 64];
    SystemRandom::new().fill(&mut bytes).map_err(|_| Fault::failure("making a key: the system gives no randomness"))?;
    Ok(bytes.iter().map(|byte| char::from(LETTERS[usize::from(byte & 63)])).collect())
}
