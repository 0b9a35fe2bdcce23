//! The law of the house, read off the sources: a room uses only lower floors; below the doors nothing reads a clock, a
//! thread, the environment or the order of a hash map; nothing is unsafe; no file grows beyond 600 lines.

use std::path::{Path, PathBuf};

/// Rooms by floor. A room uses only rooms of lower floors, not its neighbours.
const FLOORS: &[(u8, &[&str])] = &[
    (0, &["chance", "domain", "error"]),
    (1, &["indicator", "ledger", "venue", "metrics"]),
    (2, &["strategy"]),
    (3, &["engine"]),
    (4, &["backfill", "database", "exchange", "objects", "report", "scenario", "tape"]),
    (5, &["catalog", "compare", "store"]),
    (6, &["audit", "sweep"]),
    (7, &["trial_ledger"]),
    (8, &["validate"]),
    (9, &["sweep_report"]),
    (10, &["cli"]),
    (11, &["main"]),
];

/// Strategies stand in a guest house: they see floors 0 to 2.
const GUESTS: (&str, u8) = ("strategies", 3);

/// The doors: from this floor on the outside may be touched.
const DOORS: u8 = 4;

/// What only the doors may name.
const OUTSIDE: &[&str] = &["SystemTime", "Instant", "thread", "HashMap", "HashSet", "RandomState"];

const LINES_MAX: usize = 600;

#[test]
fn the_house_stands_as_its_plan_says() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let files = sources(root);
    assert!(files.len() > 100, "only {} sources were found", files.len());
    let tests: Vec<PathBuf> = files.iter().flat_map(|(path, text)| test_files(path, text)).collect();
    let mut broken = Vec::new();
    for (path, text) in &files {
        let name = path.display();
        broken.extend(whole_file(path, text).into_iter().map(|what| format!("{name}: {what}")));
        let room = room_of(path);
        if room == "lib" || is_test(path, &tests) {
            continue;
        }
        let Some(floor) = floor_of(&room) else {
            broken.push(format!("{name}: the room {room} stands on no floor: tests/house.rs lists them"));
            continue;
        };
        broken.extend(in_room(&room, floor, depth(path), text).into_iter().map(|what| format!("{name}: {what}")));
    }
    assert!(broken.is_empty(), "\n{}\n", broken.join("\n"));
}

/// Every Rust source of the package with its path from the root.
fn sources(root: &Path) -> Vec<(PathBuf, String)> {
    let mut folders: Vec<PathBuf> =
        ["src", "strategies", "tests", "benches", "examples"].iter().map(|folder| root.join(folder)).collect();
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(&folder) else { continue };
        for path in entries.map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                files.push((path.strip_prefix(root).unwrap().to_owned(), text));
            }
        }
    }
    files.sort();
    files
}

/// The room a source belongs to.
fn room_of(path: &Path) -> String {
    let mut parts = path.iter().map(|part| part.to_string_lossy().into_owned());
    match (parts.next().as_deref(), parts.next()) {
        (Some("src"), Some(part)) => part.trim_end_matches(".rs").to_owned(),
        (Some(folder), _) => folder.to_owned(),
        (None, _) => String::new(),
    }
}

fn floor_of(room: &str) -> Option<u8> {
    if room == GUESTS.0 {
        return Some(GUESTS.1);
    }
    FLOORS.iter().find(|(_, rooms)| rooms.contains(&room)).map(|(floor, _)| *floor)
}

/// Whether the file holds tests only: it stands under tests/, or is declared by a module for tests.
fn is_test(path: &Path, tests: &[PathBuf]) -> bool {
    let outside = !path.starts_with("src") && !path.starts_with("strategies");
    outside || tests.iter().any(|test| path == test || path.starts_with(test.with_extension("")))
}

/// How many modules a file lies below the crate.
fn depth(path: &Path) -> usize {
    let parts = path.iter().count() - 1;
    if path.ends_with("mod.rs") { parts - 1 } else { parts }
}

/// The files that `#[cfg(test)] mod name;` declares.
fn test_files(path: &Path, text: &str) -> Vec<PathBuf> {
    let code = code_only(text);
    let folder = match path.file_name().and_then(|name| name.to_str()) {
        Some("mod.rs" | "lib.rs" | "main.rs") => path.parent().unwrap().to_owned(),
        _ => path.with_extension(""),
    };
    let declared = code.split("#[cfg(test)]").skip(1).filter_map(|rest| {
        let item = rest.split([';', '{']).next()?.trim();
        let name = item.rsplit_once("mod ").map(|(_, name)| name.trim())?;
        Some(folder.join(name).with_extension("rs"))
    });
    declared.collect()
}

/// What holds for every source, tests included.
fn whole_file(path: &Path, text: &str) -> Vec<String> {
    let mut broken = Vec::new();
    let lines = text.lines().count();
    if lines > LINES_MAX {
        broken.push(format!("{lines} lines, more than {LINES_MAX}"));
    }
    if has_word(&code_only(text), "unsafe") {
        broken.push("unsafe code".to_owned());
    }
    let says_mode = |word: &str| ["mode", "modes"].contains(&word.to_lowercase().as_str());
    if room_of(path) == "engine" && text.split(|c: char| !c.is_alphabetic()).any(says_mode) {
        broken.push("the engine never learns which mode it is in".to_owned());
    }
    broken
}

/// What holds for the code of one room, its tests left out.
fn in_room(room: &str, floor: u8, depth: usize, text: &str) -> Vec<String> {
    let code = without_tests(&code_only(text));
    let mut broken = Vec::new();
    for used in rooms_used(&code) {
        match floor_of(&used) {
            Some(_) if used == room => {}
            Some(other) if other < floor && used != GUESTS.0 => {}
            Some(_) => broken.push(format!("{room} uses {used}, which is not on a lower floor")),
            None => {}
        }
    }
    let supers = code.split("super::super").count() > 1;
    if supers && longest_climb(&code) >= depth {
        broken.push("leaves its room by super::".to_owned());
    }
    if floor < DOORS {
        for word in OUTSIDE.iter().filter(|word| has_word(&code, word)) {
            broken.push(format!("names {word}, which only the doors may"));
        }
        if code.contains("std::env") || has_word(&code, "chrono") || code.contains("Zoned::now") {
            broken.push("reads the environment or a clock".to_owned());
        }
    }
    broken
}

/// The first names after `crate::` or `tapeline::`, also inside braces.
fn rooms_used(code: &str) -> Vec<String> {
    let mut rooms = Vec::new();
    for root in ["crate::", "tapeline::"] {
        for (place, _) in code.match_indices(root) {
            let rest = &code[place + root.len()..];
            if let Some(group) = rest.strip_prefix('{') {
                rooms.extend(group_members(group));
            } else {
                rooms.push(identifier(rest));
            }
        }
    }
    rooms.retain(|room| !room.is_empty());
    rooms
}

/// The first identifiers of the members of a brace group that has just been opened.
fn group_members(group: &str) -> Vec<String> {
    let (mut level, mut members, mut expects) = (0, Vec::new(), true);
    for (place, letter) in group.char_indices() {
        match letter {
            '{' => level += 1,
            '}' if level == 0 => break,
            '}' => level -= 1,
            ',' if level == 0 => expects = true,
            _ if expects && (letter.is_alphabetic() || letter == '_') => {
                members.push(identifier(&group[place..]));
                expects = false;
            }
            _ => {}
        }
    }
    members
}

fn identifier(text: &str) -> String {
    text.chars().take_while(|letter| letter.is_alphanumeric() || *letter == '_').collect()
}

/// The longest chain of `super::`.
fn longest_climb(code: &str) -> usize {
    let compact: String = code.chars().filter(|letter| !letter.is_whitespace()).collect();
    (1..10).rev().find(|count| compact.contains(&"super::".repeat(*count))).unwrap_or(0)
}

fn has_word(code: &str, word: &str) -> bool {
    let part = |letter: char| letter.is_alphanumeric() || letter == '_';
    code.match_indices(word).any(|(place, _)| {
        let (before, behind) = (code[..place].chars().next_back(), code[place + word.len()..].chars().next());
        !before.is_some_and(part) && !behind.is_some_and(part)
    })
}

/// The code without items that are compiled for tests only.
fn without_tests(code: &str) -> String {
    let mut kept = String::new();
    let mut rest = code;
    while let Some(place) = rest.find("#[cfg(test)]") {
        kept.push_str(&rest[..place]);
        rest = &rest[place..];
        let end = match rest.find([';', '{']) {
            Some(end) if rest[end..].starts_with('{') => matching_brace(rest, end),
            Some(end) => end,
            None => rest.len() - 1,
        };
        rest = &rest[end + 1..];
    }
    kept + rest
}

fn matching_brace(text: &str, open: usize) -> usize {
    let mut level = 0;
    for (place, letter) in text[open..].char_indices() {
        match letter {
            '{' => level += 1,
            '}' => level -= 1,
            _ => {}
        }
        if level == 0 {
            return open + place;
        }
    }
    text.len() - 1
}

/// The text without comments, and with empty strings and characters.
fn code_only(text: &str) -> String {
    let letters: Vec<char> = text.chars().collect();
    let (mut code, mut at) = (String::with_capacity(text.len()), 0);
    let starts = |at: usize, what: &str| what.chars().enumerate().all(|(i, c)| letters.get(at + i) == Some(&c));
    while at < letters.len() {
        let raw = raw_string(&letters, at);
        if starts(at, "//") {
            while at < letters.len() && letters[at] != '\n' {
                at += 1;
            }
        } else if starts(at, "/*") {
            while at < letters.len() && !starts(at, "*/") {
                at += 1;
            }
            at += 2;
        } else if let Some(end) = raw {
            code.push_str("\"\"");
            at = end;
        } else if letters[at] == '"' {
            at += 1;
            while at < letters.len() && letters[at] != '"' {
                at += if letters[at] == '\\' { 2 } else { 1 };
            }
            at += 1;
            code.push_str("\"\"");
        } else if letters[at] == '\'' && (starts(at + 1, "\\") || letters.get(at + 2) == Some(&'\'')) {
            at += if starts(at + 1, "\\") { 3 } else { 2 };
            while at < letters.len() && letters[at] != '\'' {
                at += 1;
            }
            at += 1;
        } else {
            code.push(letters[at]);
            at += 1;
        }
    }
    code
}

/// Behind the raw string that begins here, if one does.
fn raw_string(letters: &[char], at: usize) -> Option<usize> {
    let before = at.checked_sub(1).map(|before| letters[before]);
    if letters[at] != 'r' || before.is_some_and(|letter| letter.is_alphanumeric() && letter != 'b') {
        return None;
    }
    let hashes = letters[at + 1..].iter().take_while(|letter| **letter == '#').count();
    if letters.get(at + 1 + hashes) != Some(&'"') {
        return None;
    }
    let mut end = at + 2 + hashes;
    while end < letters.len() {
        let closes = letters[end] == '"' && letters[end + 1..].iter().take(hashes).all(|letter| *letter == '#');
        if closes && letters.len() > end + hashes {
            return Some(end + 1 + hashes);
        }
        end += 1;
    }
    Some(letters.len())
}

#[test]
fn a_planted_violation_is_found() {
    let engine = |text: &str| in_room("engine", 3, 2, text);
    for planted in [
        "use crate::tape::Store;",
        "use crate::{domain::Price, report::{Summary}};",
        "fn f() { crate::catalog::run(); }",
        "use std::time::Instant;",
        "use std::collections::HashMap;",
        "fn f() { std::thread::sleep(x); }",
        "fn f() -> String { std::env::var(\"X\").unwrap() }",
        "use super::super::report::Summary;",
        "#[cfg(test)]\nmod tests { use crate::tape::X; }\nuse crate::tape::Y;",
        "const S: &str = \"// no comment\"; use crate::cli::X;",
    ] {
        assert_eq!(engine(planted).len(), 1, "{planted}");
    }
    for sound in [
        "use crate::{domain::{Price, Side}, strategy::Trader}; use crate::engine::Block;",
        "// use crate::tape::Store; an Instant\nuse crate::ledger::Ledger;",
        "/// See [`crate::report::Summary`].\nfn f() -> &'static str { \"HashMap crate::tape::X\" }",
        "#[cfg(test)]\nmod tests { use crate::tape::X; use std::time::Instant; fn f() { if a { b } } }",
        "#[cfg(test)]\nuse crate::tape::X;\nuse super::block::Block;",
        "fn f<'a>(x: &'a str) -> char { '\"' } use crate::domain::Price; // \"",
        "const R: &str = r#\"use crate::tape::X; \" \"#;",
    ] {
        assert_eq!(engine(sound), Vec::<String>::new(), "{sound}");
    }
    assert_eq!(in_room("ledger", 1, 2, "use crate::venue::Wallet;").len(), 1, "neighbours");
    assert_eq!(in_room("strategies", 3, 1, "use crate::engine::Session;").len(), 1, "guests");
    assert_eq!(in_room("tape", 4, 2, "use std::time::Instant;"), Vec::<String>::new(), "doors have a clock");
    let path = Path::new("src/engine/core.rs");
    assert_eq!(whole_file(path, &"\n".repeat(LINES_MAX + 1)).len(), 1);
    assert_eq!(whole_file(path, "fn f() { unsafe { g() } }").len(), 1);
    assert_eq!(whole_file(path, "// whatever the mode\n#![forbid(unsafe_code)] // modelled").len(), 1);
    assert_eq!(test_files(Path::new("src/tape/mod.rs"), "#[cfg(test)]\nmod trial;"), [Path::new("src/tape/trial.rs")]);
}
