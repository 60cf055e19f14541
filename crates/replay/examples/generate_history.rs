//! Writes a history of any size: `generate_history --events N --leads N [--seed N] --out DIR [--format parquet|csv|jsonl]
//! [--shuffled] [--whole-ids]`. It prints the files that it wrote.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use bellwether_testkit::history::{HistoryFormat, HistoryPlan};

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(1)
        }
    }
}

fn run() -> Result<(), String> {
    let mut plan = HistoryPlan {
        events: 10_000_000,
        leads: 500_000,
        seed: 1,
        whole_ids: false,
        shuffled: false,
    };
    let (mut out, mut format) = (PathBuf::from("."), HistoryFormat::Parquet);
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let mut value = || words.next().ok_or_else(|| format!("`{word}` needs a value"));
        let number = |text: String| {
            text.parse::<u64>()
                .map_err(|_| format!("`{text}` is not a number"))
        };
        match word.as_str() {
            "--events" => plan.events = number(value()?)?,
            "--leads" => plan.leads = number(value()?)?.max(1),
            "--seed" => plan.seed = number(value()?)?,
            "--out" => out = PathBuf::from(value()?),
            "--format" => {
                let name = value()?;
                format = HistoryFormat::of(&name).ok_or_else(|| format!("`{name}` is no format"))?;
            }
            "--shuffled" => plan.shuffled = true,
            "--whole-ids" => plan.whole_ids = true,
            other => return Err(format!("`{other}` is not known")),
        }
    }
    write(&plan, &out, format).map_err(|error| error.to_string())
}

fn write(plan: &HistoryPlan, out: &Path, format: HistoryFormat) -> std::io::Result<()> {
    std::fs::create_dir_all(out)?;
    let events = out.join(format!("events.{}", format.extension()));
    plan.write_events(&events, format)?;
    let leads = out.join("leads.csv");
    plan.write_leads(&leads)?;
    println!("{}\n{}", events.display(), leads.display());
    Ok(())
}
