//! Any text as a job title: case and the number of spaces don't matter, and what somebody was is nothing now.

#![no_main]

use bellwether_core::profile::{Department, JobTitle, Rank};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|title: &str| {
    let read = JobTitle::read(title);
    // Longer titles are cut, and then every added letter moves the cut.
    if title.len() > 150 {
        return;
    }
    if title.is_ascii() {
        assert_eq!(JobTitle::read(&title.to_ascii_uppercase()), read);
        assert_eq!(JobTitle::read(&title.to_ascii_lowercase()), read);
    }
    assert_eq!(JobTitle::read(&format!("  {} ", title.replace(' ', "  "))), read);
    if title.chars().all(|c| c.is_ascii_alphanumeric() || c == ' ') {
        let past = JobTitle::read(&format!("former {title}"));
        assert_eq!(
            (past.rank, past.department()),
            (Rank::Unknown, Department::Unknown)
        );
        let assists = JobTitle::read(&format!("assistant to the {title}"));
        assert_eq!(assists.rank, Rank::Assistant);
    }
});
