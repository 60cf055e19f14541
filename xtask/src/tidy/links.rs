//! Every link in a document to a file of the project leads somewhere, and so does the heading it names.

use std::path::Path;

use super::{File, Finding};
use crate::shell;

pub(super) fn check(files: &[File]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in files.iter().filter(|file| file.is_markdown()) {
        for (line, target) in targets(&file.text) {
            if let Some(what) = broken(file, &target, files) {
                let remedy = "correct the link, or write what it should lead to";
                findings.push(Finding {
                    path: file.path.clone(),
                    line,
                    what,
                    remedy,
                });
            }
        }
    }
    findings
}

/// What is wrong with the link, if anything.
fn broken(file: &File, target: &str, files: &[File]) -> Option<String> {
    if target.contains("://") || target.starts_with("mailto:") {
        return None;
    }
    let (path, heading) = target
        .split_once('#')
        .map_or((target, None), |(path, heading)| (path, Some(heading)));
    let Some(path) = resolve(&file.path, path) else {
        return Some(format!("`{target}` leads out of the project"));
    };
    if !shell::root().join(&path).exists() {
        return Some(format!("`{target}` leads to nothing"));
    }
    let document = files
        .iter()
        .find(|other| other.path == path && other.is_markdown())?;
    let heading = heading?;
    let is_there = headings(&document.text).iter().any(|anchor| anchor == heading);
    (!is_there).then(|| format!("`{path}` has no heading `#{heading}`"))
}

/// The link's path from the root; none where it leaves the project.
fn resolve(from: &str, link: &str) -> Option<String> {
    if link.is_empty() {
        return Some(from.to_owned());
    }
    let mut parts: Vec<&str> = match link.strip_prefix('/') {
        Some(_) => Vec::new(),
        None => Path::new(from)
            .parent()?
            .to_str()?
            .split('/')
            .filter(|part| !part.is_empty())
            .collect(),
    };
    for part in link.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            _ => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// The targets of inline links and images, with their lines; code is left out.
fn targets(text: &str) -> Vec<(usize, String)> {
    let mut targets = Vec::new();
    for (number, line) in prose(text) {
        let outside_code: String = line.split('`').step_by(2).collect();
        for piece in outside_code.split("](").skip(1) {
            let Some((target, _)) = piece.split_once(')') else {
                continue;
            };
            let target = target.split_whitespace().next().unwrap_or_default();
            targets.push((number, target.trim_matches(['<', '>']).to_owned()));
        }
    }
    targets
}

/// The lines outside fenced code.
fn prose(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut fenced = false;
    (1..).zip(text.lines()).filter(move |(_, line)| {
        let is_fence = line.trim_start().starts_with("```");
        fenced ^= is_fence;
        !fenced && !is_fence
    })
}

/// The anchors that a document's headings get where it is shown.
fn headings(text: &str) -> Vec<String> {
    let headings = prose(text).filter(|(_, line)| line.starts_with('#'));
    headings
        .map(|(_, line)| anchor(line.trim_start_matches('#').trim()))
        .collect()
}

fn anchor(heading: &str) -> String {
    let kept = heading.to_lowercase().replace(' ', "-");
    kept.chars()
        .filter(|character| character.is_alphanumeric() || "-_".contains(*character))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_outside_code_are_read() {
        let text = "see [a](b.md) and ![c](d.png \"title\")\n```\n[x](y)\n```\n`[no](link)` [e](<f.md#g>)";
        let read = targets(text);
        let expected = [(1, "b.md"), (1, "d.png"), (5, "f.md#g")];
        assert_eq!(read, expected.map(|(line, target)| (line, target.to_owned())));
    }

    #[test]
    fn paths_are_taken_from_the_document_that_links() {
        assert_eq!(
            resolve("docs/guide/a.md", "../b.md").as_deref(),
            Some("docs/b.md")
        );
        assert_eq!(resolve("README.md", "docs/").as_deref(), Some("docs"));
        assert_eq!(resolve("docs/a.md", "../../elsewhere"), None);
    }

    #[test]
    fn a_heading_that_is_not_there_is_found() {
        let file = |path: &str, text: &str| File {
            path: path.to_owned(),
            text: text.to_owned(),
        };
        let files = [
            file("Cargo.toml", ""),
            file("LICENSE.md", "# How we *count*, exactly\n"),
        ];
        let here = file("LICENSE.md", "# How we *count*, exactly\n");
        assert_eq!(anchor("How we *count*, exactly"), "how-we-count-exactly");
        assert!(broken(&here, "nowhere.md", &files).is_some());
        assert!(broken(&here, "https://example.com", &files).is_none());
    }
}
