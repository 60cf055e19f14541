//! `bellwether import events` as a user runs it: a million events from Parquet into an empty database, the whole process.

use anyhow::Result;

use super::{
    build, ingest,
    measure::measured,
    score::{history, path},
    table::{grouped, per_second, print},
};

const EVENTS: u64 = 1_000_000;
const LEADS: u64 = 50_000;
const RUNS: usize = 3;

pub(super) fn run() -> Result<()> {
    build()?;
    let (_, events_file) = history(EVENTS, LEADS)?;
    let binary = path(&["release", "bellwether"]);
    let mut rows = Vec::new();
    let mut command = String::new();
    for number in 1..=RUNS {
        let folder = ingest::empty_database()?;
        let folder = folder.to_string_lossy();
        let words = [
            &binary,
            "import",
            "events",
            &events_file,
            "--yes",
            "--data",
            &folder,
        ];
        command = words.join(" ");
        let usage = measured(&words)?.1;
        rows.push(vec![
            number.to_string(),
            (usage.wall_us / 1_000).to_string(),
            usage.user_ms.to_string(),
            usage.system_ms.to_string(),
            grouped(per_second(EVENTS, usage.wall_us)),
            (usage.memory_peak_kib / 1_024).to_string(),
        ]);
    }
    let heads = ["run", "wall ms", "user ms", "system ms", "events/s", "peak MiB"];
    let title = format!(
        "Import: {} events of {} leads from Parquet",
        grouped(EVENTS),
        grouped(LEADS)
    );
    print(&title, &command, &heads, &rows);
    Ok(())
}
