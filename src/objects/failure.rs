//! What a store's failure means to the user. A store repeats what it was sent, so of its answer only the code is quoted.

use super::address::Address;
use crate::error::Fault;
use object_store::Error;

/// Codes of S3 that say that the credentials are not known or not right.
const UNKNOWN_CREDENTIALS: &[&str] = &[
    "InvalidAccessKeyId",
    "SignatureDoesNotMatch",
    "InvalidToken",
    "ExpiredToken",
    "TokenRefreshRequired",
    "InvalidClientTokenId",
    "AuthorizationHeaderMalformed",
    "RequestTimeTooSkewed",
];

const CREDENTIALS: &str = "check AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, AWS_REGION and \
                           AWS_ENDPOINT_URL in the environment, and the clock";

/// The fault of something that was done to an address.
pub(super) fn fault(doing: &str, address: &Address, error: &Error) -> Fault {
    let text = causes(error);
    let code = between(&text, "<Code>", "</Code>");
    let what = format!("{doing} {address}");
    match (code, error) {
        (Some("NoSuchBucket"), _) => {
            Fault::user(format!("{what}: there is no bucket '{}' in this store", address.bucket()))
                .remedy("check the name and AWS_ENDPOINT_URL, or make the bucket")
        }
        (Some(code), _) if UNKNOWN_CREDENTIALS.contains(&code) => {
            Fault::user(format!("{what}: the store does not accept the credentials ({code})")).remedy(CREDENTIALS)
        }
        (_, Error::NotFound { .. }) => {
            Fault::user(format!("{what}: there is no such object")).remedy("check the address")
        }
        (Some("AccessDenied"), _) | (_, Error::PermissionDenied { .. }) => {
            Fault::user(format!("{what}: these credentials may not do that ({})", code.unwrap_or("denied")))
                .remedy("let them list, read, write and delete below this address, or use others")
        }
        (_, Error::Unauthenticated { .. }) => {
            Fault::user(format!("{what}: the store does not accept the credentials")).remedy(CREDENTIALS)
        }
        (Some(code), _) => Fault::failure(format!("{what}: the store answers {code}"))
            .remedy("try again later; what is finished is kept, go on with --resume"),
        (None, _) => Fault::failure(format!("{what}: {}", without_secrets(&shortened(&text))))
            .remedy("check the connection and AWS_ENDPOINT_URL, and try again; what is finished is kept"),
    }
}

/// The innermost cause says most: those around it repeat each other.
fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text.push_str(&format!(": {cause_text}"));
        }
        next = cause.source();
    }
    text
}

fn between<'t>(text: &'t str, open: &str, close: &str) -> Option<&'t str> {
    let (_, rest) = text.split_once(open)?;
    rest.split_once(close).map(|(inner, _)| inner)
}

/// Nothing of what the store sent back.
fn shortened(text: &str) -> String {
    text.split('<').next().unwrap_or_default().trim_end_matches([':', ' ']).to_owned()
}

/// Without the values of the environment that are credentials.
fn without_secrets(text: &str) -> String {
    let secrets = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"];
    let values = secrets.iter().filter_map(|name| std::env::var(name).ok()).filter(|value| !value.is_empty());
    values.fold(text.to_owned(), |text, value| text.replace(&value, "***"))
}
