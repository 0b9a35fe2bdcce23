//! The examples for cluster engines: their own commands, run as the engine would run them, index by index.

use crate::objects::server::{self, Server};
use crate::outside::{Folder, listing, repository};
use crate::shards::{SCENARIO, folders};
use std::path::Path;
use std::process::Command;

/// Has a shell run something as a node would, which finds the program on its path.
fn on_a_node(folder: &Folder, shell: &[&str], set: &[(&str, &str)], store: Option<&Server>) {
    let program = Path::new(env!("CARGO_BIN_EXE_tapeline")).parent().unwrap();
    let path = std::env::join_paths([program, Path::new("/usr/bin"), Path::new("/bin")]).unwrap();
    let mut command = Command::new(shell[0]);
    command.args(&shell[1..]).current_dir(folder.path()).env("PATH", path);
    command.env("TAPELINE_CACHE", folder.at("cache"));
    if let Some(store) = store {
        server::environment(&mut command, &store.endpoint, &store.trader);
    }
    let output = command.envs(set.iter().copied()).output().unwrap();
    assert!(output.status.success(), "{shell:?} {set:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// The one sweep under a folder that is no shard.
fn whole(folder: &Folder, out: &str) -> String {
    let mut names = folders(&folder.at(out));
    names.retain(|name| !name.contains(".shard-"));
    assert_eq!(names.len(), 1, "{names:?}");
    format!("{out}/{}", names[0])
}

#[test]
fn the_array_of_slurm_writes_what_one_machine_does() {
    let folder = Folder::new();
    folder.put("wide.toml", SCENARIO);
    folder.must(&["sweep", "wide.toml", "--out", "alone"]);
    let script = repository("examples/cluster/slurm.sbatch");
    let text = std::fs::read_to_string(&script).unwrap();
    assert!(text.contains("#SBATCH --array=1-8\n"));
    for task in 1..=8 {
        let task = task.to_string();
        let set =
            [("SLURM_ARRAY_TASK_ID", task.as_str()), ("SLURM_ARRAY_TASK_COUNT", "8"), ("SLURM_CPUS_PER_TASK", "1")];
        on_a_node(&folder, &["bash", script.to_str().unwrap(), "wide.toml", "sweeps"], &set, None);
    }
    let (_, rest) = text.split_once("--wrap \"").unwrap();
    on_a_node(&folder, &["sh", "-c", rest.split('"').next().unwrap()], &[], None);
    let (alone, merged) = (whole(&folder, "alone"), whole(&folder, "sweeps"));
    assert!(listing(&folder.at(&alone)) == listing(&folder.at(&merged)), "the merged files differ");
}

#[test]
fn the_indexed_job_of_kubernetes_writes_what_one_machine_does() {
    let Some(server) = Server::running() else { return };
    let folder = Folder::new();
    folder.put("wide.toml", SCENARIO);
    folder.must(&["sweep", "wide.toml", "--out", "alone"]);
    server.ask(&["make", "research"]);
    server.ask(&["put", "research", "jobs/wide.toml", folder.at("wide.toml").to_str().unwrap()]);

    let jobs = server.ask(&["yaml", repository("examples/cluster/kubernetes.yaml").to_str().unwrap()]);
    let [shards, merge] = jobs.as_array().unwrap().as_slice() else { panic!("two jobs") };
    assert_eq!((&shards["kind"], &shards["spec"]["completionMode"]), (&"Job".into(), &"Indexed".into()));
    let completions = shards["spec"]["completions"].as_u64().unwrap();
    let shell = |job: &serde_json::Value| -> Vec<String> {
        let container = &job["spec"]["template"]["spec"]["containers"][0];
        let words = ["command", "args"].into_iter().flat_map(|key| container[key].as_array().unwrap().clone());
        words.map(|word| word.as_str().unwrap().to_owned()).collect()
    };
    let run = |job: &serde_json::Value, set: &[(&str, &str)]| {
        let words = shell(job);
        on_a_node(&folder, &words.iter().map(String::as_str).collect::<Vec<_>>(), set, Some(server));
    };
    for index in 0..completions {
        run(shards, &[("JOB_COMPLETION_INDEX", index.to_string().as_str())]);
    }
    run(merge, &[]);

    let alone = whole(&folder, "alone");
    let stored = server.ask(&["list", "research", &format!("wide/{}/", alone.trim_start_matches("alone/"))]);
    let stored: Vec<(&str, &str)> = stored
        .as_object()
        .unwrap()
        .iter()
        .map(|(key, hash)| (key.rsplit('/').next().unwrap(), hash.as_str().unwrap()))
        .collect();
    let files = listing(&folder.at(&alone));
    let hashes: Vec<(String, String)> =
        files.iter().map(|(name, content)| (name.clone(), crate::download::loopback::sha256(content))).collect();
    assert!(stored.iter().map(|(name, hash)| (*name, *hash)).eq(hashes.iter().map(|(n, h)| (n.as_str(), h.as_str()))));
}
