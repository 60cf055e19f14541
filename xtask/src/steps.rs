//! A list of steps that all run, even after one failed, and the table of how each went.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};

/// How one step ended.
pub(crate) enum Outcome {
    Passed,
    /// It could not be done here, for this reason; the run as a whole may still pass.
    Skipped(String),
    Failed(String),
}

/// What has run so far.
#[derive(Default)]
pub(crate) struct Steps {
    rows: Vec<Row>,
}

struct Row {
    name: &'static str,
    outcome: Outcome,
    took: Duration,
}

impl Steps {
    /// Runs one step under a headline. An error is a failed step.
    pub(crate) fn run(&mut self, name: &'static str, step: impl FnOnce() -> Result<Outcome>) {
        println!("\n== {name}");
        let start = Instant::now();
        let outcome = step().unwrap_or_else(|error| Outcome::Failed(format!("{error:#}")));
        match &outcome {
            Outcome::Passed => {}
            Outcome::Skipped(reason) => println!("SKIPPED: {reason}"),
            Outcome::Failed(reason) => eprintln!("FAILED: {reason}"),
        }
        self.rows.push(Row {
            name,
            outcome,
            took: start.elapsed(),
        });
    }

    /// Prints the table; an error when any step failed.
    pub(crate) fn finish(&self) -> Result<()> {
        println!("\n{}", self.table());
        let failed: Vec<&str> = self.failed().map(|row| row.name).collect();
        if !failed.is_empty() {
            bail!(
                "{} of {} steps failed: {}",
                failed.len(),
                self.rows.len(),
                failed.join(", ")
            );
        }
        Ok(())
    }

    fn failed(&self) -> impl Iterator<Item = &Row> {
        self.rows
            .iter()
            .filter(|row| matches!(row.outcome, Outcome::Failed(_)))
    }

    fn table(&self) -> String {
        let width = self.rows.iter().map(|row| row.name.len()).max().unwrap_or(0);
        let mut table = format!("{:width$}  {:>8}  how it went\n", "step", "seconds");
        for row in &self.rows {
            let how = match &row.outcome {
                Outcome::Passed => "passed".to_owned(),
                Outcome::Skipped(reason) => format!("SKIPPED: {}", first_line(reason)),
                Outcome::Failed(reason) => format!("FAILED: {}", first_line(reason)),
            };
            let seconds = row.took.as_secs_f64();
            table.extend([format!("{:width$}  {seconds:>8.1}  {how}\n", row.name)]);
        }
        table
    }
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or("")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_step_runs_and_one_failure_fails_the_whole() {
        let mut steps = Steps::default();
        let mut ran = 0;
        steps.run("first", || bail!("broken\nwith a second line"));
        steps.run("second", || {
            ran += 1;
            Ok(Outcome::Passed)
        });
        assert_eq!(ran, 1);
        assert!(steps.table().contains("FAILED: broken\n"));
        let error = steps.finish().map_err(|error| error.to_string());
        assert_eq!(error, Err("1 of 2 steps failed: first".to_owned()));
    }

    #[test]
    fn a_skip_is_shown_and_does_not_fail() {
        let mut steps = Steps::default();
        steps.run("advisories", || Ok(Outcome::Skipped("no network".to_owned())));
        assert!(steps.table().contains("SKIPPED: no network"));
        assert!(steps.finish().is_ok());
    }
}
