//! Reads a file of job titles, one a line, and prints for each what is read from it: the labels of the snapADDY benchmark
//! for it, and the words that conditions compare. The last line says how many nanoseconds a title took.
//! `cargo xtask bench titles` calls this and compares.

use std::{env, fs, hint::black_box, time::Instant};

use bellwether_core::profile::{Field, JobTitle, Rank};

/// How often the file is read for the time.
const ROUNDS: u32 = 20;

fn main() {
    let Some(path) = env::args().nth(1) else {
        eprintln!("error: a file of titles is needed, one a line");
        return;
    };
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) => {
            eprintln!("error: cannot read `{path}`: {error}");
            return;
        }
    };
    let titles: Vec<&str> = text.lines().collect();
    for title in &titles {
        let read = JobTitle::read(title);
        println!(
            "{}\t{}\t{}\t{}",
            seniority_label(read.rank),
            department_label(read),
            read.seniority().as_str(),
            read.department().as_str()
        );
    }
    // The best round is the one that the machine's other work disturbed least.
    let best = (0..ROUNDS).map(|_| {
        let start = Instant::now();
        for title in &titles {
            black_box(JobTitle::read(black_box(title)));
        }
        start.elapsed().as_nanos()
    });
    let titles = titles.len().max(1) as u128;
    println!("nanoseconds: {}", best.min().unwrap_or(0) / titles);
}

/// The benchmark's label of a rank, as its annotated titles use them.
fn seniority_label(rank: Rank) -> &'static str {
    match rank {
        // Students, interns, trainees and assistants are all its juniors.
        Rank::Student | Rank::Learner | Rank::Assistant => "Junior",
        // A title that names no level is a professional's there, and so is a manager's of whom nothing says that others
        // report to them: `Account Manager`, `Manager of Network Services`.
        Rank::Unknown | Rank::Professional | Rank::Manager => "Professional",
        Rank::Senior | Rank::SeniorManager => "Senior",
        // Whoever leads a team or a department or coordinates is a lead, below a director.
        Rank::Coordinator | Rank::TeamLead | Rank::Head => "Lead",
        Rank::Director => "Director",
        // General managers, holders of procuration, vice presidents, owners and boards.
        Rank::GeneralManager | Rank::VicePresident | Rank::Chief => "Management",
    }
}

/// The benchmark's label of a field. It has labels for those who buy from its publisher; the rest is `Other`.
fn department_label(read: JobTitle) -> &'static str {
    match read.field {
        // Whoever advises is a consultant there, on whatever.
        _ if read.advises => "Consulting",
        Field::Marketing => "Marketing",
        Field::Sales => "Sales",
        Field::BusinessDevelopment => "Business Development",
        // It makes no difference between who writes software and who runs it.
        Field::Engineering | Field::It => "Information Technology",
        Field::Consulting => "Consulting",
        Field::Hr => "Human Resources",
        Field::Purchasing => "Purchasing",
        // It has no product department; product managers stand with the project managers.
        Field::Projects | Field::Product => "Project Management",
        Field::Support => "Customer Support",
        Field::Administration => "Administrative",
        Field::Finance
        | Field::Operations
        | Field::Legal
        | Field::Executive
        | Field::Other
        | Field::Unknown => "Other",
    }
}
