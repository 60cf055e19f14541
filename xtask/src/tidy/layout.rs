//! Files that a project of this kind has.

use super::{File, Finding};

const NEEDED: [&str; 5] = [
    "README.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "LICENSE",
    "docs/ARCHITECTURE.md",
];

pub(super) fn check(files: &[File]) -> Vec<Finding> {
    let mut findings: Vec<Finding> = NEEDED
        .iter()
        .filter(|path| {
            !files
                .iter()
                .any(|file| file.path == **path && !file.text.trim().is_empty())
        })
        .map(|path| finding(path, "is absent or empty", "write it"))
        .collect();
    let nested = files
        .iter()
        .filter(|file| file.path.ends_with("/mod.rs") && !file.is_test());
    findings.extend(nested.map(|file| {
        finding(
            &file.path,
            "a module named by its folder",
            "name it like its folder, beside it: `foo.rs` and `foo/`",
        )
    }));
    findings
}

fn finding(path: &str, what: &str, remedy: &'static str) -> Finding {
    Finding {
        path: path.to_owned(),
        line: 0,
        what: what.to_owned(),
        remedy,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_licence_is_found() {
        let mut files: Vec<File> = NEEDED
            .iter()
            .map(|path| File {
                path: (*path).to_owned(),
                text: "text".to_owned(),
            })
            .collect();
        assert!(check(&files).is_empty());
        files
            .iter_mut()
            .filter(|file| file.path == "LICENSE")
            .for_each(|file| file.text.clear());
        assert_eq!(check(&files).len(), 1);
    }
}
