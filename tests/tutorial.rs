//! The tutorial, run: its files are written, its commands are run, and what they print is what the page shows.

use std::fs;
use std::path::Path;

use crate::workbench::trueup;

/// A fenced block: what stands behind the fence, and its lines.
fn blocks(page: &str) -> Vec<(String, Vec<String>)> {
    let mut blocks: Vec<(String, Vec<String>)> = Vec::new();
    let mut open = false;
    for line in page.lines() {
        match (line.strip_prefix("```"), open) {
            (Some(info), false) => {
                blocks.push((info.to_owned(), Vec::new()));
                open = true;
            }
            (Some(_), true) => open = false,
            (None, true) => blocks.last_mut().expect("an open block").1.push(line.to_owned()),
            (None, false) => {}
        }
    }
    blocks
}

fn printed(folder: &Path, command: &str) -> Vec<String> {
    let arguments: Vec<&str> = command.split_whitespace().skip(1).collect();
    let output = trueup(folder, &arguments);
    let text = [output.stderr, output.stdout].concat();
    let text = String::from_utf8(text).expect("UTF-8");
    text.trim_end().lines().map(str::to_owned).collect()
}

#[test]
fn every_command_prints_what_the_page_shows() {
    let page = fs::read_to_string("src/guide/tutorial.md").expect("the tutorial");
    let folder = tempfile::tempdir().expect("a folder");
    let mut commands = 0;
    for (info, lines) in blocks(&page) {
        if info == "console" {
            let (command, shown) = lines.split_first().expect("a command");
            let printed = printed(folder.path(), command.strip_prefix("$ ").expect("a prompt"));
            // What a line of three dots stands for is not shown.
            if shown == ["…"] {
                assert!(!printed.is_empty(), "{command}");
            } else {
                assert_eq!(printed.join("\n"), shown.join("\n"), "{command}");
            }
            commands += 1;
        } else if let Some((_, name)) = info.split_once(' ') {
            let file = folder.path().join(name);
            fs::create_dir_all(file.parent().expect("a folder")).expect("made");
            fs::write(file, lines.join("\n") + "\n").expect("written");
        }
    }
    assert_eq!(commands, 3);
}
