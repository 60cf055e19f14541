//! `bellwether check`: everything that is wrong with agreement files, each problem shown at its place with the remedy.

use std::fmt::Write as _;
use std::io::{IsTerminal as _, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context as _;
use bellwether_core::agreement::{
    Agreement, Checked, LINTS, Problem, Severity, check, check_observed, explain, limits,
};
use bellwether_core::engine::Engine;
use bellwether_replay::{Effort, Rejects};
use miette::{Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, NamedSource, SourceCode};

use super::replay::{SourceArgs, SourceHistory};

/// Arguments of `bellwether check`.
#[derive(clap::Args)]
pub(crate) struct CheckArgs {
    /// The agreements to check; `-` reads one from standard input.
    #[arg(value_name = "FILE", required_unless_present = "explain")]
    files: Vec<PathBuf>,
    /// Print one JSON object instead of text.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    source: SourceArgs,
    /// Say what a lint finds, why that matters, and how to mend or silence it.
    #[arg(long, value_name = "LINT", conflicts_with_all = ["files", "json"])]
    explain: Option<String>,
}

/// Runs the command: 0 where no file has an error, 1 where one has, 2 where an unknown lint is to be explained or
/// a history is asked about that isn't named.
pub(crate) fn run(args: &CheckArgs) -> anyhow::Result<ExitCode> {
    if let Some(lint) = &args.explain {
        return explain_lint(lint);
    }
    if !args.source.is_given() && args.source.says_how_to_read() {
        eprintln!(
            "error: `--as-of` and `--map` are about a history; name one by `--leads`, `--events` or `--data`"
        );
        return Ok(ExitCode::from(2));
    }
    let history = history(args)?;
    let mut reports = Vec::with_capacity(args.files.len());
    let mut failed = false;
    for file in &args.files {
        match read(file, history.as_ref()) {
            Ok(report) => reports.push(report),
            Err(error) => {
                // The other files are still worth checking.
                eprintln!("error: {error:#}");
                failed = true;
            }
        }
    }
    let written = if args.json {
        as_json(&reports)?
    } else {
        as_text(&reports, &Look::of_stdout())
    };
    print(&written)?;
    failed |= reports.iter().any(|report| report.count(Severity::Error) > 0);
    Ok(ExitCode::from(u8::from(failed)))
}

/// One file with what was found in it.
struct Report {
    name: String,
    source: String,
    agreement: Option<Agreement>,
    problems: Vec<Problem>,
}

impl Report {
    fn count(&self, severity: Severity) -> usize {
        self.problems
            .iter()
            .filter(|problem| problem.severity == severity)
            .count()
    }
}

/// The history that the arguments name, if they name one.
fn history(args: &CheckArgs) -> anyhow::Result<Option<SourceHistory>> {
    if !args.source.is_given() {
        return Ok(None);
    }
    let mut rejects = Rejects::new(None, false)?;
    let history = args.source.read(None, Effort::default(), &mut rejects)?;
    if rejects.rows() > 0 {
        eprintln!(
            "{} rows can't be read; `bellwether score --rejects FILE` lists them",
            rejects.rows()
        );
    }
    Ok(Some(history))
}

/// Checks a file that is in order by itself against a history, too.
fn checked(source: &str, history: Option<&SourceHistory>) -> Checked {
    let checked = check(source);
    let (Some(history), Some(agreement)) = (history, &checked.agreement) else {
        return checked;
    };
    let engine = Engine::new(Arc::new(agreement.clone()));
    let (chronicle, t) = (&history.chronicle, history.latest);
    let judged = chronicle.judge(&engine, t, Effort::default().threads);
    check_observed(source, &chronicle.observe(&engine, &judged))
}

fn read(file: &Path, history: Option<&SourceHistory>) -> anyhow::Result<Report> {
    let from_stdin = file == Path::new("-");
    let name = if from_stdin {
        "standard input".to_owned()
    } else {
        file.display().to_string()
    };
    // One byte more than an agreement may have tells a file that is too large, however large it is.
    let limit = u64::try_from(limits::FILE_BYTES_MAX)
        .unwrap_or(u64::MAX)
        .saturating_add(1);
    let mut bytes = Vec::new();
    let read = if from_stdin {
        std::io::stdin().lock().take(limit).read_to_end(&mut bytes)
    } else {
        std::fs::File::open(file).and_then(|opened| opened.take(limit).read_to_end(&mut bytes))
    };
    read.with_context(|| format!("can't read `{name}`"))?;
    Ok(match String::from_utf8(bytes) {
        Ok(source) => {
            let Checked { agreement, problems } = checked(&source, history);
            Report {
                name,
                source,
                agreement,
                problems,
            }
        }
        Err(error) => not_text(name, &error),
    })
}

/// A file that isn't UTF-8 is shown up to its first bad byte.
fn not_text(name: String, error: &std::string::FromUtf8Error) -> Report {
    let valid = error.utf8_error().valid_up_to();
    let source = String::from_utf8_lossy(error.as_bytes().get(..valid).unwrap_or_default()).into_owned();
    let line_start = source.rfind('\n').map_or(0, |at| at + 1);
    let problem = Problem {
        severity: Severity::Error,
        code: "not-utf-8",
        message: "the file is no UTF-8 text from here on".to_owned(),
        help: Some("save it as UTF-8".to_owned()),
        label: None,
        span: valid..valid,
        line: source.matches('\n').count() + 1,
        column: source
            .get(line_start..)
            .map_or(1, |line| line.chars().count() + 1),
    };
    Report {
        name,
        source,
        agreement: None,
        problems: vec![problem],
    }
}

/// How problems are drawn.
struct Look {
    colour: bool,
    width: usize,
}

impl Look {
    /// In colour only on a terminal, and only where `NO_COLOR` isn't set.
    fn of_stdout() -> Self {
        const WIDTH: usize = 110;
        let colour =
            std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|set| set.is_empty());
        Self { colour, width: WIDTH }
    }

    fn handler(&self) -> GraphicalReportHandler {
        let theme = if self.colour {
            GraphicalTheme::unicode()
        } else {
            GraphicalTheme::unicode_nocolor()
        };
        GraphicalReportHandler::new_themed(theme)
            .with_width(self.width)
            .with_links(false)
    }
}

fn as_text(reports: &[Report], look: &Look) -> String {
    let handler = look.handler();
    let mut out = String::new();
    for report in reports {
        let source = NamedSource::new(&report.name, report.source.clone());
        for problem in &report.problems {
            let shown = Shown {
                problem,
                source: &source,
            };
            // Rendering fails only where the writer does, which a string never does.
            let _ = handler.render_report(&mut out, &shown);
            out.push('\n');
        }
        out.push_str(&summary(report));
        out.push('\n');
    }
    out
}

fn summary(report: &Report) -> String {
    let counted = |count: usize, one: &str| format!("{count} {one}{}", if count == 1 { "" } else { "s" });
    let mut line = format!("{}: ", report.name);
    let (errors, warnings) = (report.count(Severity::Error), report.count(Severity::Warning));
    match &report.agreement {
        Some(agreement) => {
            let rules = counted(agreement.fit.len() + agreement.intent.len(), "rule");
            let examples = counted(agreement.examples.len(), "example");
            let _ = write!(line, "in order, {rules}, {examples} as expected");
        }
        None => line.push_str(&counted(errors, "error")),
    }
    let _ = write!(line, ", {}", counted(warnings, "warning"));
    line
}

/// A problem as the diagnostics' renderer sees it.
#[derive(Debug)]
struct Shown<'p> {
    problem: &'p Problem,
    source: &'p NamedSource<String>,
}

impl std::fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.problem.message)
    }
}

impl std::error::Error for Shown<'_> {}

impl Diagnostic for Shown<'_> {
    fn code<'a>(&'a self) -> Option<Box<dyn std::fmt::Display + 'a>> {
        Some(Box::new(self.problem.code))
    }

    fn severity(&self) -> Option<miette::Severity> {
        Some(match self.problem.severity {
            Severity::Error => miette::Severity::Error,
            Severity::Warning => miette::Severity::Warning,
        })
    }

    fn help<'a>(&'a self) -> Option<Box<dyn std::fmt::Display + 'a>> {
        let help = self.problem.help.as_ref()?;
        Some(Box::new(help))
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(self.source)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let span = &self.problem.span;
        let label = LabeledSpan::new(self.problem.label.clone(), span.start, span.len());
        Some(Box::new(std::iter::once(label)))
    }
}

fn as_json(reports: &[Report]) -> anyhow::Result<String> {
    let files: Vec<serde_json::Value> = reports
        .iter()
        .map(|report| {
            serde_json::json!({
                "file": report.name,
                "ok": report.agreement.is_some(),
                "name": report.agreement.as_ref().map(|agreement| &agreement.name),
                "rules": report.agreement.as_ref().map(|agreement| agreement.fit.len() + agreement.intent.len()),
                "examples": report.agreement.as_ref().map(|agreement| agreement.examples.len()),
                "problems": report.problems,
            })
        })
        .collect();
    let count = |severity| reports.iter().map(|report| report.count(severity)).sum::<usize>();
    let all = serde_json::json!({
        "ok": count(Severity::Error) == 0,
        "errors": count(Severity::Error),
        "warnings": count(Severity::Warning),
        "files": files,
    });
    Ok(serde_json::to_string_pretty(&all)? + "\n")
}

fn explain_lint(name: &str) -> anyhow::Result<ExitCode> {
    if let Some(explanation) = explain(name) {
        let silence = format!("[[silence]]\nlint   = \"{name}\"\nreason = \"why it doesn't apply here\"");
        let explanation = wrapped(explanation);
        print(&format!(
            "{name}\n\n{explanation}\n\nTo silence it, add to the agreement:\n\n{silence}\n"
        ))?;
        return Ok(ExitCode::SUCCESS);
    }
    eprintln!(
        "error: {}",
        unknown("lint", name, LINTS.iter().map(|lint| lint.name))
    );
    Ok(ExitCode::from(2))
}

/// Says that there is no such thing, and which one was probably meant.
pub(super) fn unknown<'n>(what: &str, name: &str, known: impl Iterator<Item = &'n str> + Clone) -> String {
    const DISTANCE_MAX: usize = 4;
    let near = known
        .clone()
        .map(|known| (strsim::damerau_levenshtein(name, known), known))
        .min();
    match near.filter(|(distance, _)| *distance <= DISTANCE_MAX && *distance < name.len()) {
        Some((_, near)) => format!("there is no {what} `{name}`; did you mean `{near}`?"),
        None => format!(
            "there is no {what} `{name}`; there are {}",
            known.collect::<Vec<_>>().join(", ")
        ),
    }
}

/// The text in lines that a terminal shows whole.
fn wrapped(text: &str) -> String {
    const WIDTH: usize = 80;
    let mut out = String::new();
    let mut column = 0;
    for word in text.split_whitespace() {
        let length = word.chars().count();
        if column > 0 {
            let fits = column + 1 + length <= WIDTH;
            out.push(if fits { ' ' } else { '\n' });
            column = if fits { column + 1 } else { 0 };
        }
        out.push_str(word);
        column += length;
    }
    out
}

/// Writes to standard output; a reader that has gone, such as `head`, is no failure.
pub(super) fn print(text: &str) -> anyhow::Result<()> {
    match std::io::stdout().lock().write_all(text.as_bytes()) {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        written => written.context("can't write to standard output"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_is_shown_with_file_line_source_and_remedy() {
        let source = "[agreement]\nname = \"A\"\n\n[qualify]\nscor = 65\n";
        let Checked { agreement, problems } = check(source);
        let report = Report {
            name: "a.toml".to_owned(),
            source: source.to_owned(),
            agreement,
            problems,
        };
        let shown = as_text(
            &[report],
            &Look {
                colour: false,
                width: 100,
            },
        );
        for part in [
            "unknown-key",
            "a.toml:5:1",
            "scor = 65",
            "did you mean `score`?",
            "2 errors",
        ] {
            assert!(shown.contains(part), "`{part}` isn't in\n{shown}");
        }
        assert!(!shown.contains('\u{1b}'), "no colour was asked for");
    }

    #[test]
    fn a_file_that_is_no_text_is_a_problem_at_its_first_bad_byte() {
        let error = String::from_utf8(b"a = 1\nb = \"\xff\"\n".to_vec()).expect_err("it has a bad byte");
        let report = not_text("a.toml".to_owned(), &error);
        assert_eq!(
            report.problems.first().map(|p| (p.code, p.line, p.column)),
            Some(("not-utf-8", 2, 6))
        );
        assert!(report.agreement.is_none());
    }
}
