//! `POST /api/v1/imports`: takes a file of another system's leads, events, accounts or outcomes.

use axum::body::Body;
use axum::extract::{Query, State};
use axum::http::header::CONTENT_ENCODING;
use axum::http::{HeaderMap, StatusCode};
use axum::{Extension, Json};
use bellwether_app::Actor;
use bellwether_core::domain::{Stage, TraitSource};
use bellwether_replay::Format;
use bellwether_replay::import::{ImportOptions, Plan};
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use super::extract::Admin;
use crate::edge::Edge;
use crate::problem::Problem;
use crate::ui::Stopping;
use crate::uploads::{self, Upload};

/// What the file is, and what its columns hold.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(
    dead_code,
    reason = "it describes the parameters, which are read one by one since two may come often"
)]
pub(crate) struct Parameters {
    /// `leads`, `events`, `accounts` or `outcomes`.
    kind: String,
    /// `csv`, `jsonl` or `parquet`; `csv` if nothing is said. `Content-Encoding: gzip` says that it is packed.
    format: Option<String>,
    /// What the file is called in lists.
    name: Option<String>,
    /// `true` to write nothing.
    dry_run: Option<bool>,
    /// `FIELD=COLUMN`; may come often.
    map: Option<Vec<String>>,
    /// `true` to leave out columns that nothing is known of.
    only_mapped: Option<bool>,
    /// The kind of the file's own ids; `import` if nothing is said.
    id_kind: Option<String>,
    /// `iso`, `dmy`, `mdy`, `epoch-s` or `epoch-ms`, where the file doesn't show it.
    dates: Option<String>,
    /// The zone of times that name none; `UTC` if nothing is said.
    timezone: Option<String>,
    /// `utf-8` or `latin-1`, where the bytes don't show it.
    encoding: Option<String>,
    /// The stage of all leads that name none.
    stage: Option<String>,
    /// `WORD=MEANING`, what a word of the file for a stage or an outcome stands for; may come often.
    word: Option<Vec<String>>,
    /// Who says the traits: `stated`, `crm` or `enrichment`; `crm` if nothing is said.
    r#as: Option<String>,
    /// `true` to hand leads off that reach the line by it.
    hand_off: Option<bool>,
}

/// An import that has begun.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Begun {
    /// Its number: `GET /api/v1/imports/{id}` says how it stands.
    id: i64,
    /// Which column becomes what.
    columns: Vec<Column>,
}

/// A column of the file.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Column {
    /// Its header.
    #[serde(rename = "column")]
    header: String,
    /// What it becomes, as `map` names it; nothing where it is left out.
    becomes: Option<String>,
    /// `said`, `guessed`, `own name` or `left out`.
    why: &'static str,
    /// What its values are.
    values: &'static str,
    /// How its dates are read.
    dates: Option<&'static str>,
}

/// Imports a file
#[utoipa::path(
    post, path = "/api/v1/imports", tag = "imports", params(Parameters),
    request_body(content = Vec<u8>, content_type = "application/octet-stream", description = "The file"),
    responses(
        (status = 202, body = Begun), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 409, body = Problem), (status = 413, body = Problem), (status = 422, body = Problem),
    ),
)]
pub(crate) async fn handler(
    Admin(actor): Admin,
    State(edge): State<Edge>,
    Query(pairs): Query<Vec<(String, String)>>,
    stopping: Option<Extension<Stopping>>,
    headers: HeaderMap,
    body: Body,
) -> Result<(StatusCode, Json<Begun>), Problem> {
    let mut upload = read(pairs, actor)?;
    upload.gzip = headers
        .get(CONTENT_ENCODING)
        .is_some_and(|value| value.as_bytes() == b"gzip");
    let Ok(place) = edge.imports().try_acquire_owned() else {
        return Err(Problem::busy(
            "another file is being imported; send this one when it is done",
        ));
    };
    let file = uploads::keep(edge.app(), body).await?;
    let stopping = stopping.map(|Extension(stopping)| stopping);
    let (id, plan) = uploads::begin(edge.app().clone(), upload, file, place, stopping).await?;
    Ok((
        StatusCode::ACCEPTED,
        Json(Begun {
            id: id.0,
            columns: columns(&plan),
        }),
    ))
}

fn columns(plan: &Plan) -> Vec<Column> {
    let columns = plan.columns().iter().map(|column| Column {
        header: column.column.clone(),
        becomes: column.target.clone(),
        why: column.how.as_str(),
        values: column.values,
        dates: column
            .dates
            .map(bellwether_replay::import::dates::DateForm::as_str),
    });
    columns.collect()
}

fn read(pairs: Vec<(String, String)>, actor: Actor) -> Result<Upload, Problem> {
    let mut upload = Upload {
        kind: bellwether_core::records::RecordKind::Leads,
        name: "upload".to_owned(),
        format: Format::Csv,
        gzip: false,
        dry_run: false,
        options: ImportOptions::default(),
        speaker: TraitSource::Crm,
        hand_off: false,
        actor,
    };
    let mut kind = None;
    for (name, value) in pairs {
        let options = &mut upload.options;
        match name.as_str() {
            "kind" => kind = Some(value.parse().map_err(|error: String| Problem::invalid(error))?),
            "format" => upload.format = format_named(&value)?,
            "name" => upload.name = value,
            "dry_run" => upload.dry_run = truth(&name, &value)?,
            "only_mapped" => options.only_mapped = truth(&name, &value)?,
            "hand_off" => upload.hand_off = truth(&name, &value)?,
            "map" => options.maps.push(pair(&value)?),
            "word" => options.words.push(pair(&value)?),
            "id_kind" => options.id_kind = Some(value),
            "timezone" => options.timezone = Some(value),
            "dates" => options.dates = Some(value.parse().map_err(|error: String| Problem::invalid(error))?),
            "encoding" => {
                options.encoding = Some(value.parse().map_err(|error: String| Problem::invalid(error))?);
            }
            "stage" => options.stage = Some(stage_named(&value)?),
            "as" => upload.speaker = speaker_named(&value)?,
            _ => return Err(Problem::invalid(format!("`{name}` is no parameter of an import"))),
        }
    }
    let Some(kind) = kind else {
        return Err(Problem::invalid(
            "`kind` says what the rows are: leads, events, accounts or outcomes",
        ));
    };
    upload.kind = kind;
    Ok(upload)
}

pub(super) fn format_named(name: &str) -> Result<Format, Problem> {
    match name {
        "csv" => Ok(Format::Csv),
        "jsonl" => Ok(Format::JsonLines),
        "parquet" => Ok(Format::Parquet),
        _ => Err(Problem::invalid(format!(
            "`{name}` is no format; use csv, jsonl or parquet"
        ))),
    }
}

fn truth(name: &str, value: &str) -> Result<bool, Problem> {
    match value {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err(Problem::invalid(format!(
            "`{name}` is `{value}`; use true or false"
        ))),
    }
}

fn pair(text: &str) -> Result<(String, String), Problem> {
    let pair = text
        .split_once('=')
        .filter(|(a, b)| !a.trim().is_empty() && !b.trim().is_empty());
    let pair = pair.map(|(a, b)| (a.trim().to_owned(), b.trim().to_owned()));
    pair.ok_or_else(|| Problem::invalid(format!("`{text}` is no pair; write it like `email=Mail`")))
}

fn stage_named(name: &str) -> Result<Stage, Problem> {
    let known = name
        .parse::<Stage>()
        .ok()
        .filter(|stage| *stage != Stage::Visitor);
    known.ok_or_else(|| Problem::invalid(format!("`{name}` is no stage of a lead")))
}

fn speaker_named(name: &str) -> Result<TraitSource, Problem> {
    let known = TraitSource::named(name).filter(|source| *source != TraitSource::Derived);
    known.ok_or_else(|| Problem::invalid(format!("`{name}` says no traits; use stated, crm or enrichment")))
}
