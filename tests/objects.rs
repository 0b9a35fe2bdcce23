//! Sweeps whose scenario, data and results lie in an object store: against an S3-compatible server on 127.0.0.1 that
//! checks signatures, with a wire between that can be cut.

pub mod server;

use crate::download::loopback::sha256;
use crate::outside::{Done, Folder, Listing, listing};
use crate::shards::{SCENARIO, folders};
use server::{Keys, Server, Wire};
use std::collections::BTreeMap;
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tapeline::sweep::Shard;

/// A folder and a bucket of its own.
struct World {
    folder: Folder,
    server: &'static Server,
    bucket: String,
}

impl World {
    fn new(bucket: &str) -> Option<Self> {
        let server = Server::running()?;
        server.ask(&["make", bucket]);
        Some(World { folder: Folder::new(), server, bucket: bucket.to_owned() })
    }

    fn address(&self, path: &str) -> String {
        format!("s3://{}/{path}", self.bucket)
    }

    /// A command that asks the store by way of `endpoint` with these keys.
    fn command(&self, endpoint: &str, keys: &Keys, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tapeline"));
        server::environment(&mut command, endpoint, keys);
        command.env("TAPELINE_CACHE", self.folder.at("cache")).args(arguments);
        command.current_dir(self.folder.path()).stdin(Stdio::null());
        command
    }

    fn done(mut command: Command) -> Done {
        let output = command.output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        Done { code: output.status.code().unwrap_or(-1), out: text(output.stdout), err: text(output.stderr) }
    }

    fn tapeline(&self, arguments: &[&str]) -> Done {
        Self::done(self.command(&self.server.endpoint, &self.server.trader, arguments))
    }

    fn must(&self, arguments: &[&str]) -> String {
        let done = self.tapeline(arguments);
        assert_eq!((done.code, done.err.as_str()), (0, ""), "{arguments:?}: {}", done.out);
        done.out
    }

    fn start(&self, endpoint: &str, arguments: &[&str]) -> Child {
        let mut command = self.command(endpoint, &self.server.trader, arguments);
        command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap()
    }

    /// The objects below a prefix, by the rest of their keys, with the SHA-256 of each.
    fn objects(&self, prefix: &str) -> BTreeMap<String, String> {
        let prefix = format!("{prefix}/");
        let answer = self.server.ask(&["list", &self.bucket, &prefix]);
        let objects = answer.as_object().unwrap().iter();
        objects.map(|(key, hash)| (key[prefix.len()..].to_owned(), hash.as_str().unwrap().to_owned())).collect()
    }

    fn put(&self, key: &str, path: &str) {
        self.server.ask(&["put", &self.bucket, key, &self.folder.at(path).display().to_string()]);
    }
}

/// The files of a folder as a store lists them.
fn hashes(files: &Listing) -> BTreeMap<String, String> {
    let files = files.iter().filter(|(name, _)| !name.ends_with('/') && !name.ends_with(".lock"));
    files.map(|(name, content)| (name.clone(), sha256(content))).collect()
}

/// The name of the sweep of [`SCENARIO`], which is run on this machine's disk for it.
fn alone(world: &World, scenario: &str) -> (String, BTreeMap<String, String>) {
    world.must(&["sweep", scenario, "--out", "alone"]);
    let name = folders(&world.folder.at("alone")).remove(0);
    let files = hashes(&listing(&world.folder.at(&format!("alone/{name}"))));
    (name, files)
}

#[test]
fn scenario_data_and_results_in_a_store_give_the_files_that_a_disk_gives() {
    let Some(world) = World::new("whole") else { return };
    let folder = &world.folder;
    folder.must(&["data", "synth", "--candles", "60000", "--symbol", "BTCUSDT"]);
    let scenario = SCENARIO
        .replace("synthetic = { seed = 3, candles = 6000 }", "store = \"../data\"")
        .replace(
            "symbol = \"BTCUSDT\"\n[[desk]]",
            "symbol = \"BTCUSDT\"\nvenue = \"synthetic\"\n[[series]]\nname = \"model\"\nfile = \"model.csv\"\n[[desk]]",
        )
        .replace("fast = \"1..30\"", "fast = \"1..12\"");
    folder.put("jobs/wide.toml", &scenario);
    folder.put("jobs/model.csv", "available_at,model\n2024-01-01T00:00:00Z,1\n");
    for (name, _) in listing(folder.path()) {
        if !name.ends_with('/') && !name.ends_with(".lock") {
            world.put(&name, &name);
        }
    }
    let (name, _) = alone(&world, "jobs/wide.toml");
    let remote = world.address("jobs/wide.toml");
    for shard in ["1/2", "2/2"] {
        let said = world.must(&["sweep", &remote, "--shard", shard, "--out", &world.address("out")]);
        assert!(said.contains(&format!("shard {shard} is done")), "{said}");
    }
    let cached = listing(&folder.at("cache"));
    let said = world.must(&["sweep", "merge", &world.address("out"), "--out", &world.address("merged")]);
    assert!(said.contains(&world.address(&format!("merged/{name}/trials.parquet"))), "{said}");

    // The same scenario from the store, whole, onto this disk; and from this disk, but for the folder that the plan names.
    let swept = world.must(&["sweep", &remote, "--out", "here"]).replace('\n', " ");
    assert!(swept.contains("warning: data in an object store have no trial ledger"), "{swept}");
    let here = listing(&folder.at(&format!("here/{name}")));
    assert!(world.objects(&format!("merged/{name}")) == hashes(&here), "the store's files differ from a disk's");
    let local = listing(&folder.at(&format!("alone/{name}")));
    for file in ["scenario.toml", "trials.parquet", "returns.parquet"] {
        assert!(here[file] == local[file], "{file} differs");
    }
    let plan = String::from_utf8(here["plan.toml"].clone()).unwrap();
    assert!(plan.contains(&format!("directory = \"{}\"", world.address("jobs"))), "{plan}");

    assert!(!folder.at("s3:").exists(), "an address was taken for a path");

    // Copies that are there are not fetched again, and nobody's keys are in any file.
    let after = listing(&folder.at("cache"));
    assert!(cached.iter().all(|(name, content)| after[name] == *content));
    for (file, content) in listing(folder.path()) {
        let text = String::from_utf8_lossy(&content);
        assert!(!text.contains(&world.server.trader.secret) && !text.contains(&world.server.trader.key), "{file}");
    }

    // Questions, judgement and single trials work on what lies in the store.
    let merged = world.address(&format!("merged/{name}"));
    let best = world.must(&["trials", &merged, "--top", "1", "--columns", "trial", "--csv"]);
    let number = best.lines().nth(1).unwrap();
    world.must(&["run", "--trial", &format!("{merged}/{number}"), "--json"]);
    let uncounted = "data in an object store have no trial ledger";
    assert!(said.replace('\n', " ").contains(uncounted), "{said}");
    let judged = world.must(&["validate", &merged]).replace('\n', " ");
    assert!(judged.contains(&format!("warning: {uncounted}")), "{judged}");
    let judgement: serde_json::Value = serde_json::from_str(&world.must(&["validate", &merged, "--json"])).unwrap();
    let warnings = judgement["warnings"].as_array().unwrap();
    assert!(warnings.len() == 1 && warnings[0].as_str().unwrap().starts_with(uncounted), "{warnings:?}");
    assert!(judgement["findings"].as_array().unwrap().iter().all(|found| found["key"] != "dsr_ledger"));
    assert!(world.objects(&format!("merged/{name}")).contains_key("validation.json"));
    let refused = world.tapeline(&["run", &remote, "--out", &world.address("reports")]);
    assert!(refused.code == 2 && refused.err.contains("this machine's disk"), "{}", refused.err);

    // A file that is not what its manifest says is not used.
    let data = world.objects("data");
    let file = data.keys().find(|name| name.ends_with(".parquet")).unwrap();
    folder.put("other", "another content");
    world.put(&format!("data/{file}"), "other");
    std::fs::remove_dir_all(folder.at("cache")).unwrap();
    let wrong = world.tapeline(&["sweep", &remote, "--out", "wrong"]);
    assert_eq!(wrong.code, 1, "{}", wrong.out);
    assert!(wrong.err.contains(file) && wrong.err.contains("its manifest says"), "{}", wrong.err);
}

#[test]
fn a_shard_killed_on_one_machine_goes_on_on_another() {
    let Some(world) = World::new("killed") else { return };
    world.folder.put("wide.toml", SCENARIO);
    let (name, files) = alone(&world, "wide.toml");
    let out = world.address("out");
    let second = format!("out/{}", "2/2".parse::<Shard>().unwrap().folder_name(&name));
    let shard = ["sweep", "wide.toml", "--shard", "2/2", "--threads", "1", "--out", &out, "--resume"];
    let mut kills = 0;
    loop {
        let there = world.objects(&second).len();
        let mut process = world.start(&world.server.endpoint, &shard);
        while world.objects(&second).len() <= there + 1 && process.try_wait().unwrap().is_none() {
            std::thread::sleep(Duration::from_millis(5));
        }
        let has_ended = process.try_wait().unwrap().is_some();
        process.kill().unwrap();
        process.wait().unwrap();
        if has_ended {
            break;
        }
        kills += 1;
    }
    assert!(kills > 0, "it was never killed");
    world.must(&shard);
    world.must(&["sweep", "wide.toml", "--shard", "1/2", "--out", &out]);
    let before = world.objects("out");
    assert!(world.must(&shard).contains("nothing was changed"));
    assert!(world.objects("out") == before, "a finished shard was changed");
    world.must(&["sweep", "merge", &out, "--out", &out]);
    assert!(world.objects(&format!("out/{name}")) == files, "the merged files differ");
}

#[test]
fn a_wire_that_is_cut_in_the_middle_of_an_upload_leaves_no_half_object() {
    let Some(world) = World::new("cut") else { return };
    world.folder.put("wide.toml", SCENARIO);
    let (name, _) = alone(&world, "wide.toml");
    let one: Shard = "1/2".parse().unwrap();
    world.must(&["sweep", "wide.toml", "--shard", "1/2", "--out", "disk"]);
    let whole = hashes(&listing(&world.folder.at(&format!("disk/{}", one.folder_name(&name)))));

    // Once in the middle of a part: the upload is made again.
    let out = world.address("once");
    let shard = |out: &str| ["sweep", "wide.toml", "--shard", "1/2", "--threads", "1", "--out", out].map(str::to_owned);
    let wire = Wire::to(&world.server.endpoint);
    wire.cut_after(40_000, false);
    let arguments = shard(&out);
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = World::done(world.command(&wire.endpoint, &world.server.trader, &arguments));
    assert_eq!((done.code, done.err.as_str()), (0, ""), "{}", done.out);
    assert_eq!(wire.cuts(), 1, "the wire was not cut");
    assert!(world.objects(&format!("once/{}", one.folder_name(&name))) == whole, "the objects differ from the files");

    // For good: what is there is whole, and another process goes on.
    let out = world.address("down");
    let wire = Wire::to(&world.server.endpoint);
    wire.cut_after(40_000, true);
    let arguments = shard(&out);
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = World::done(world.command(&wire.endpoint, &world.server.trader, &arguments));
    assert_eq!(done.code, 1, "{}{}", done.out, done.err);
    assert!(
        done.err.contains("writing s3://cut/down/") && done.err.contains("what is finished is kept"),
        "{}",
        done.err
    );
    let prefix = format!("down/{}", one.folder_name(&name));
    let there = world.objects(&prefix);
    assert!(there.len() > 3 && there.len() < whole.len(), "{there:?}");
    assert!(there.iter().all(|(name, hash)| whole[name] == *hash), "a half object: {there:?}");
    assert_eq!(world.server.ask(&["uploads", "cut"]), 0);
    world.must(&[&arguments[..], &["--resume"]].concat());
    assert!(world.objects(&prefix) == whole, "the objects differ from the files");
}

#[test]
fn what_a_store_refuses_is_said_without_the_keys() {
    let Some(world) = World::new("refused") else { return };
    world.folder.put("wide.toml", SCENARIO);
    let (trader, visitor) = (&world.server.trader, &world.server.visitor);
    let to = |out: &str| ["sweep", "wide.toml", "--shard", "1/2", "--out", out].map(str::to_owned);
    let keys = |key: &str, secret: &str| Keys { key: key.to_owned(), secret: secret.to_owned() };
    let wrong_secret = keys(&trader.key, "a-secret-that-is-not-right");
    let wrong_key = keys("AKIAIOSFODNN7EXAMPLE", &trader.secret);
    let no_server = server::free_port();
    let out = world.address("out");
    let cases: [(&str, &str, &Keys, u8, &str); 6] = [
        (&out, &world.server.endpoint, &wrong_secret, 2, "does not accept the credentials (SignatureDoesNotMatch)"),
        (&out, &world.server.endpoint, &wrong_key, 2, "does not accept the credentials (InvalidAccessKeyId)"),
        (&out, &world.server.endpoint, visitor, 2, "these credentials may not do that (AccessDenied)"),
        ("s3://nowhere/out", &world.server.endpoint, trader, 2, "there is no bucket 'nowhere'"),
        (&out, &no_server, trader, 1, "listing s3://refused/out"),
        (&out, &world.server.endpoint, &keys("", ""), 2, "the environment has no credentials"),
    ];
    for (out, endpoint, keys, code, says) in cases {
        let arguments = to(out);
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let done = World::done(world.command(endpoint, keys, &arguments));
        assert_eq!(i32::from(code), done.code, "{says}: {}{}", done.out, done.err);
        assert!(done.err.contains(says) && done.err.contains("what to do"), "{says}: {}", done.err);
        for secret in [&keys.key, &keys.secret].into_iter().filter(|secret| !secret.is_empty()) {
            assert!(!done.err.contains(secret.as_str()), "{says}: it shows a key: {}", done.err);
        }
    }
    for (place, says) in
        [("s3://", "no address"), ("gs://bucket/x", "--features google"), ("s3://refused/none.toml", "no such object")]
    {
        let done = world.tapeline(&["sweep", place]);
        assert!(done.code == 2 && done.err.contains(says), "{place}: {}", done.err);
    }
    assert!(world.objects("out").is_empty());
    assert!(!world.folder.at("sweeps").exists(), "something was written");
}
