//! Objects: files in an object store, by addresses such as `s3://bucket/folder/file`.
//!
//! An object is put whole or not at all, so it is to a sweep what a renamed file is on a disk. What is read comes through a
//! cache of checked copies; nothing else of this program knows where a copy lies. Who may ask is decided by the
//! environment alone, and what it says of credentials reaches no file, no log and no message.

mod address;
mod bucket;
mod cache;
mod failure;

pub use address::Address;
pub use bucket::Bucket;
pub use cache::Cache;
