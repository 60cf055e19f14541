//! Whole agreement files: what good ones compile to, and everything that is said about bad ones.

use std::fmt::Write as _;

use bellwether_core::agreement::{Agreement, Checked, Problem, Severity, check, json_schema};

/// The problems as plain text: where, what, the source line with a caret, and the remedy.
fn rendered(source: &str, problems: &[Problem]) -> String {
    let mut out = String::new();
    for problem in problems {
        let severity = if problem.severity == Severity::Error {
            "error"
        } else {
            "warning"
        };
        let Problem {
            code,
            message,
            line,
            column,
            ..
        } = problem;
        writeln!(out, "{severity}[{code}] {line}:{column}: {message}").expect("a string can be written to");
        let text: String = source
            .lines()
            .nth(line - 1)
            .unwrap_or_default()
            .chars()
            .take(120)
            .collect();
        let shown = source
            .get(problem.span.clone())
            .expect("the span is on character boundaries");
        let width = shown
            .lines()
            .next()
            .unwrap_or_default()
            .chars()
            .count()
            .clamp(1, 120);
        if column + width <= 125 {
            writeln!(
                out,
                "  | {text}\n  | {}{}",
                " ".repeat(column - 1),
                "^".repeat(width)
            )
            .expect("as above");
        }
        if let Some(help) = &problem.help {
            writeln!(out, "  = {help}").expect("as above");
        }
        out.push('\n');
    }
    out
}

macro_rules! settled {
    ($body:block) => {
        insta::with_settings!({
            snapshot_path => "agreement/snapshots",
            prepend_module_to_snapshot => false,
            omit_expression => true,
        }, $body)
    };
}

#[test]
fn bad_files_are_refused_with_every_problem_and_its_remedy() {
    settled!({
        insta::glob!("agreement/bad/*.toml", |path| {
            let source = std::fs::read_to_string(path).expect("the case can be read");
            let Checked { agreement, problems } = check(&source);
            assert!(agreement.is_none(), "{} is taken", path.display());
            let errors: Vec<&Problem> = problems
                .iter()
                .filter(|p| p.severity == Severity::Error)
                .collect();
            assert!(!errors.is_empty());
            for problem in &problems {
                assert!(problem.help.is_some(), "no remedy for {problem:?}");
                assert!(!problem.message.ends_with('.'), "{}", problem.message);
            }
            insta::assert_snapshot!("bad", rendered(&source, &problems));
        });
    });
}

#[test]
fn good_files_compile_without_an_error() {
    settled!({
        insta::glob!("agreement/good/*.toml", |path| {
            let source = std::fs::read_to_string(path).expect("the case can be read");
            let Checked { agreement, problems } = check(&source);
            let agreement = agreement.unwrap_or_else(|| panic!("{}", rendered(&source, &problems)));
            assert!(Agreement::parse(&source).is_ok());
            insta::assert_snapshot!(
                "good",
                format!("{}\n{}", described(&agreement), rendered(&source, &problems))
            );
        });
    });
}

/// What an agreement compiled to, a line for each part.
fn described(agreement: &Agreement) -> String {
    let mut out = format!(
        "{} | {} | {:?}\n",
        agreement.name, agreement.timezone, agreement.review
    );
    let mut line = |kind: &str, part: &dyn std::fmt::Debug| {
        writeln!(out, "{kind}: {part:?}").expect("a string can be written to");
    };
    agreement.fit.iter().for_each(|rule| line("fit", rule));
    agreement.intent.iter().for_each(|rule| line("intent", rule));
    agreement.groups.iter().for_each(|group| line("group", group));
    line("qualify", &agreement.qualify);
    line("grades", &agreement.grades);
    line("clamp", &agreement.clamp);
    agreement
        .disqualify
        .iter()
        .for_each(|exclusion| line("disqualify", exclusion));
    line("account", &agreement.account);
    line("handoff", &agreement.handoff);
    agreement.routes.iter().for_each(|route| line("route", route));
    agreement.slas.iter().for_each(|sla| line("sla", sla));
    agreement
        .rejections
        .iter()
        .for_each(|rejection| line("rejection", rejection));
    agreement.nurture.iter().for_each(|track| line("nurture", track));
    agreement.replies.iter().for_each(|reply| line("reply", reply));
    agreement
        .messages
        .iter()
        .for_each(|message| line("message", &message.name));
    agreement
        .examples
        .iter()
        .for_each(|example| line("example", example));
    agreement
        .silenced
        .iter()
        .for_each(|silenced| line("silenced", silenced));
    out
}

#[test]
fn a_file_that_is_too_large_is_refused_unread() {
    let source = format!("[agreement]\nname = \"{}\"\n", "x".repeat(1_048_576));
    let problems = check(&source).problems;
    assert_eq!(problems.iter().map(|p| p.code).collect::<Vec<_>>(), ["too-long"]);
}

#[test]
fn a_megabyte_on_one_line_is_listed_up_to_the_limit_and_counted_beyond() {
    let keys: Vec<String> = (0..50_000).map(|at| format!("k{at}=1")).collect();
    let keys = keys.join(",");
    let source = format!(
        "[agreement]\nname = \"A\"\n[qualify]\nscore = 1\n[handoff]\n[score]\n[fields]\n[grades]\nfit = {{{keys}}}\n"
    );
    let problems = check(&source).problems;
    assert_eq!(problems.len(), 501);
    let last = problems.last().expect("there are some");
    assert_eq!(last.code, "too-many-problems");
    assert!(last.message.starts_with("495"), "{}", last.message);
}

#[test]
fn problems_come_in_the_order_of_their_places() {
    let source = include_str!("agreement/bad/unknown_keys_everywhere.toml");
    let starts: Vec<usize> = check(source)
        .problems
        .iter()
        .map(|problem| problem.span.start)
        .collect();
    assert!(starts.len() > 3 && starts.is_sorted(), "{starts:?}");
}

/// The schema is committed, so that editors can be pointed at it. `UPDATE_SCHEMA=1` writes it anew.
#[test]
fn the_committed_schema_is_the_generated_one() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/agreement.schema.json");
    let generated = json_schema();
    if std::env::var_os("UPDATE_SCHEMA").is_some() {
        std::fs::write(path, &generated).expect("the schema can be written");
    }
    let committed = std::fs::read_to_string(path).expect("the schema is committed");
    assert!(
        committed == generated,
        "docs/agreement.schema.json is not what the code generates: run with UPDATE_SCHEMA=1"
    );
}

#[test]
fn a_published_agreement_stays_readable_when_a_text_of_it_is_not_right_any_more() {
    let source = "[agreement]\nname = \"Acme\"\ntimezone = \"UTC\"\n\n[[intent]]\nname = \"Demo\"\nlevel = \"high\"\non = \"Demo\"\npoints = 5\n\n[qualify]\nintent = 5\n\n[handoff]\ntask = \"Call {{ lead.shoe_size }}\"\n";
    let refused = Agreement::parse(source).expect_err("the field isn't there");
    assert_eq!(
        refused.iter().map(|one| one.code).collect::<Vec<_>>(),
        ["bad-template"]
    );
    let (agreement, slips) = Agreement::parse_published(source).expect("it was published");
    assert_eq!(agreement.handoff.task, "Call {{ lead.shoe_size }}");
    assert_eq!(
        slips
            .iter()
            .map(|one| (one.severity, one.line))
            .collect::<Vec<_>>(),
        [(Severity::Warning, 15)]
    );
    let broken = source.replace("points = 5", "points = \"many\"");
    assert!(Agreement::parse_published(&broken).is_err());
}
