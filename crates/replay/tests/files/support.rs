//! An agreement, files in a folder of their own, and runs over them.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use bellwether_core::agreement::Agreement;
use bellwether_core::engine::Engine;
use bellwether_replay::{
    ColumnMap, Effort, Format, Input, Reason, Rejects, ReplayError, Run, Source, score, write,
};
use tempfile::TempDir;

pub(crate) const AGREEMENT: &str = r#"
[agreement]
name     = "Test"
timezone = "UTC"

[[fit]]
name   = "Manager"
when   = { seniority = ["manager", "vp"] }
points = 15

[[fit]]
name   = "Company size"
when   = { employees = { min = 50 } }
points = 10

[[intent]]
name   = "Demo"
on     = "Demo Requested"
points = 50
max    = 1

[[intent]]
name   = "Pricing"
on     = { page = "/pricing*" }
points = [15, 10]
decay  = { half_life = "30d" }

[[intent]]
name   = "Ebook"
on     = { event = "Asset Downloaded", kind = "ebook" }
points = 5
decay  = { over = "180d" }

[[intent]]
name   = "Quiet"
quiet  = "30d"
points = -10

[[intent]]
name   = "Blog"
on     = "Blog Read"
points = 1.125
once_per = "1d"

[qualify]
score  = 30
intent = 10
fast   = ["Demo Requested"]

[[disqualify]]
name = "Competitor, the"
when = { domain = "rival.example" }

[grades]
fit    = { A = 25, B = 10 }
intent = { 1 = 40, 2 = 10 }
"#;

/// A folder with files, and how to run over them.
pub(crate) struct Bench {
    pub(crate) folder: TempDir,
    pub(crate) engine: Engine,
    pub(crate) effort: Effort,
    pub(crate) columns: ColumnMap,
    pub(crate) as_of: Option<&'static str>,
    pub(crate) strict: bool,
}

/// What a run gave.
pub(crate) struct Outcome {
    pub(crate) run: Result<Run, ReplayError>,
    pub(crate) csv: String,
    pub(crate) listed: String,
    pub(crate) rejects: Vec<(Reason, u64)>,
}

/// Somewhere that a list of rejects can be read again.
#[derive(Clone, Default)]
struct Shared(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("no panic").extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Bench {
    pub(crate) fn new() -> Self {
        Self::with(AGREEMENT)
    }

    pub(crate) fn with(agreement: &str) -> Self {
        let agreement = Agreement::parse(agreement).expect("an agreement without errors");
        Self {
            folder: TempDir::new().expect("a folder"),
            engine: Engine::new(Arc::new(agreement)),
            effort: Effort {
                threads: NonZeroUsize::new(2).expect("two"),
                ..Effort::default()
            },
            columns: ColumnMap::default(),
            as_of: None,
            strict: false,
        }
    }

    pub(crate) fn file(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, bytes).expect("written");
        path
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Files of the folder as a run's input.
    pub(crate) fn input(&self, leads: Option<&str>, events: Option<&str>) -> Input {
        let source =
            |name: Option<&str>| name.map(|name| Source::new(&self.path(name)).expect("a known format"));
        Input {
            leads: source(leads),
            events: source(events),
            columns: self.columns.clone(),
            as_of: self.as_of.map(|text| text.parse().expect("a time")),
        }
    }

    /// Scores files of the folder.
    pub(crate) fn score(&self, leads: Option<&str>, events: Option<&str>) -> Outcome {
        let input = self.input(leads, events);
        let listing = Shared::default();
        let mut rejects = Rejects::new(Some(Box::new(listing.clone())), self.strict).expect("a list");
        let run = score(&self.engine, &input, self.effort, &mut rejects, &|_| {});
        rejects.finish().expect("listed");
        let mut csv = Vec::new();
        if let Ok(run) = &run {
            write(&mut csv, Format::Csv, &run.scored, &self.engine, self.effort).expect("written");
        }
        let folder = self.folder.path().display().to_string();
        let listed = String::from_utf8(listing.0.lock().expect("no panic").clone()).expect("UTF-8");
        Outcome {
            run,
            csv: String::from_utf8(csv).expect("UTF-8"),
            listed: listed.replace(&format!("{folder}/"), ""),
            rejects: rejects
                .counts()
                .iter()
                .map(|(reason, count)| (*reason, *count))
                .collect(),
        }
    }
}

impl Outcome {
    /// The rows without the header.
    pub(crate) fn rows(&self) -> Vec<&str> {
        if let Err(error) = &self.run {
            panic!("the run failed: {error}");
        }
        self.csv.lines().skip(1).collect()
    }

    pub(crate) fn error(&self) -> String {
        self.run.as_ref().err().expect("the run fails").to_string()
    }
}

/// Bytes packed with gzip.
pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    use std::io::Write as _;
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(bytes).expect("packed");
    packed.finish().expect("packed")
}
