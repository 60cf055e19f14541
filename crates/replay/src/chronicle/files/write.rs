//! A chronicle to files.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use bellwether_core::domain::Timestamp;
use bytes::Bytes;
use parquet::basic::Compression;
use parquet::data_type::{ByteArray, ByteArrayType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::parser::parse_message_type;

use super::json::{list_to_json, to_json};
use super::{EVENTS, FINGERPRINT_KEY, FORM, FORM_KEY, LATEST_KEY, LEADS, POSITION_KEY, RELEASED, TRAITS};
use crate::chronicle::{Chronicle, NEVER, Write};
use crate::error::ReplayError;
use crate::output::{no_column, whole_file};

const GROUP_ROWS: usize = 1 << 20;

const EVENTS_SCHEMA: &str = "message events {
    required binary lead (utf8);
    required int64 ts (timestamp(millis, true));
    required binary kind (utf8);
    required binary event (utf8);
    optional binary path (utf8);
    required binary properties (json);
    optional binary released (utf8);
}";
const LEADS_SCHEMA: &str = "message leads {
    required binary lead (utf8);
    optional int64 created_at (timestamp(millis, true));
    optional int64 known_from (timestamp(millis, true));
    required binary traits (json);
    required binary also (json);
}";
const TRAITS_SCHEMA: &str = "message traits {
    required binary lead (utf8);
    required int64 ts (timestamp(millis, true));
    required binary said_by (utf8);
    required binary traits (json);
}";

type Writer<'f> = SerializedFileWriter<&'f mut File>;
type Group<'g, 'f> = SerializedRowGroupWriter<'g, &'f mut File>;

impl Chronicle {
    /// Writes the chronicle into a folder, which is made where there is none. Each file appears once it is whole.
    pub fn write(&self, folder: &Path) -> Result<(), ReplayError> {
        let made = std::fs::create_dir_all(folder);
        made.map_err(|error| ReplayError::unwritable(&folder.display(), &error))?;
        let ids = self.ids.shared();
        let fingerprint = format!("{:016x}", self.fingerprint());
        let file = |name: &str, schema: &str, fill: &dyn Fn(&mut Writer<'_>) -> Result<(), ParquetError>| {
            let path = folder.join(name);
            whole_file(&path, &mut |file, _| {
                let written = self.write_one(file, schema, &fingerprint, fill);
                written.map_err(|error| ReplayError::unwritable(&path.display(), &error))
            })
        };
        file(LEADS, LEADS_SCHEMA, &|writer| self.write_leads(writer, &ids))?;
        file(TRAITS, TRAITS_SCHEMA, &|writer| self.write_traits(writer, &ids))?;
        file(EVENTS, EVENTS_SCHEMA, &|writer| self.write_events(writer, &ids))
    }

    fn write_one(
        &self,
        file: &mut File,
        schema: &str,
        fingerprint: &str,
        fill: &dyn Fn(&mut Writer<'_>) -> Result<(), ParquetError>,
    ) -> Result<(), ParquetError> {
        let said = |key: &str, value: String| KeyValue::new(key.to_owned(), value);
        let metadata = vec![
            said(FORM_KEY, FORM.to_owned()),
            said(FINGERPRINT_KEY, fingerprint.to_owned()),
            said(LATEST_KEY, self.latest().ms().to_string()),
            said(POSITION_KEY, self.position.clone()),
        ];
        let properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .set_created_by("bellwether".to_owned())
            .set_key_value_metadata(Some(metadata))
            .build();
        let schema = Arc::new(parse_message_type(schema)?);
        let mut writer = SerializedFileWriter::new(file, schema, Arc::new(properties))?;
        fill(&mut writer)?;
        writer.close()?;
        Ok(())
    }

    fn write_leads(&self, writer: &mut Writer<'_>, ids: &[ByteArray]) -> Result<(), ParquetError> {
        let mut also: Vec<Vec<String>> = vec![Vec::new(); ids.len()];
        for (id, lead) in &self.also {
            if let Some(also) = also.get_mut(*lead as usize) {
                also.push(id.to_string());
            }
        }
        let leads: Vec<u32> = (0..).take(ids.len()).collect();
        for leads in leads.chunks(GROUP_ROWS) {
            let mut group = writer.next_row_group()?;
            texts(
                &mut group,
                leads.iter().filter_map(|lead| ids.get(*lead as usize).cloned()),
            )?;
            let created = |lead: &u32| {
                self.created
                    .get(*lead as usize)
                    .copied()
                    .filter(|ms| *ms != NEVER)
            };
            optional_times(&mut group, leads.iter().map(created))?;
            let known = |lead: &u32| self.known_from(*lead).map(Timestamp::ms);
            optional_times(&mut group, leads.iter().map(known))?;
            texts(
                &mut group,
                leads.iter().map(|lead| text(to_json(&self.traits.row(*lead)))),
            )?;
            let others = |lead: &u32| {
                also.get(*lead as usize)
                    .map_or_else(String::new, |also| list_to_json(also))
            };
            texts(&mut group, leads.iter().map(|lead| text(others(lead))))?;
            group.close()?;
        }
        Ok(())
    }

    fn write_traits(&self, writer: &mut Writer<'_>, ids: &[ByteArray]) -> Result<(), ParquetError> {
        let sets: Vec<ByteArray> = self
            .writes
            .sets
            .all()
            .iter()
            .map(|set| text(to_json(set)))
            .collect();
        let rows: Vec<(u32, Write)> = (0_u32..)
            .take(ids.len())
            .flat_map(|lead| self.writes.of(lead).iter().map(move |write| (lead, *write)))
            .collect();
        for rows in rows.chunks(GROUP_ROWS) {
            let mut group = writer.next_row_group()?;
            texts(
                &mut group,
                rows.iter()
                    .filter_map(|(lead, ..)| ids.get(*lead as usize).cloned()),
            )?;
            times(
                &mut group,
                &rows.iter().map(|(_, write)| write.ms).collect::<Vec<_>>(),
            )?;
            texts(
                &mut group,
                rows.iter()
                    .map(|(_, write)| ByteArray::from(write.source.as_str())),
            )?;
            texts(
                &mut group,
                rows.iter()
                    .filter_map(|(_, write)| sets.get(write.set as usize).cloned()),
            )?;
            group.close()?;
        }
        Ok(())
    }

    fn write_events(&self, writer: &mut Writer<'_>, ids: &[ByteArray]) -> Result<(), ParquetError> {
        let all = (0_u32..).take(self.distinct.len());
        let heads: Vec<_> = all.clone().map(|number| self.distinct.head(number)).collect();
        let shared = |name: &str| ByteArray::from(name);
        let kinds: Vec<ByteArray> = heads
            .iter()
            .map(|(kind, ..)| shared(super::open::word_of(*kind)))
            .collect();
        let names: Vec<ByteArray> = heads.iter().map(|(_, name, _)| shared(name)).collect();
        let paths: Vec<Option<ByteArray>> = heads.iter().map(|(.., path)| path.map(shared)).collect();
        let said: Vec<ByteArray> = all
            .map(|number| text(to_json(&self.distinct.all.values(number))))
            .collect();
        let mut lead = 0;
        let (mut start, rows) = (0, self.events.ms.len());
        while start < rows {
            let end = (start + GROUP_ROWS).min(rows);
            let numbers = self.events.numbers.get(start..end).unwrap_or_default();
            let of = |held: &[ByteArray]| {
                numbers
                    .iter()
                    .filter_map(|number| held.get(*number as usize).cloned())
                    .collect::<Vec<_>>()
            };
            let mut group = writer.next_row_group()?;
            let leads = (start..end).filter_map(|row| {
                while self.events.ends.get(lead).is_some_and(|end| *end <= row) {
                    lead += 1;
                }
                ids.get(lead).cloned()
            });
            texts(&mut group, leads)?;
            times(&mut group, self.events.ms.get(start..end).unwrap_or_default())?;
            texts(&mut group, of(&kinds).into_iter())?;
            texts(&mut group, of(&names).into_iter())?;
            let path = |number: &u32| paths.get(*number as usize).cloned().flatten();
            optional_texts(&mut group, numbers.iter().map(path))?;
            texts(&mut group, of(&said).into_iter())?;
            let released = (start..end).map(|row| {
                let released = self.released.binary_search(&row).is_ok();
                released.then(|| ByteArray::from(RELEASED))
            });
            optional_texts(&mut group, released)?;
            group.close()?;
            start = end;
        }
        Ok(())
    }
}

fn text(text: String) -> ByteArray {
    ByteArray::from(Bytes::from(text.into_bytes()))
}

fn texts(group: &mut Group<'_, '_>, values: impl Iterator<Item = ByteArray>) -> Result<(), ParquetError> {
    let values: Vec<ByteArray> = values.collect();
    let mut column = group.next_column()?.ok_or_else(no_column)?;
    column.typed::<ByteArrayType>().write_batch(&values, None, None)?;
    column.close()
}

fn optional_texts(
    group: &mut Group<'_, '_>,
    values: impl Iterator<Item = Option<ByteArray>>,
) -> Result<(), ParquetError> {
    let values: Vec<Option<ByteArray>> = values.collect();
    let levels: Vec<i16> = values.iter().map(|value| i16::from(value.is_some())).collect();
    let values: Vec<ByteArray> = values.into_iter().flatten().collect();
    let mut column = group.next_column()?.ok_or_else(no_column)?;
    column
        .typed::<ByteArrayType>()
        .write_batch(&values, Some(&levels), None)?;
    column.close()
}

fn times(group: &mut Group<'_, '_>, values: &[i64]) -> Result<(), ParquetError> {
    let mut column = group.next_column()?.ok_or_else(no_column)?;
    column.typed::<Int64Type>().write_batch(values, None, None)?;
    column.close()
}

fn optional_times(
    group: &mut Group<'_, '_>,
    values: impl Iterator<Item = Option<i64>>,
) -> Result<(), ParquetError> {
    let values: Vec<Option<i64>> = values.collect();
    let levels: Vec<i16> = values.iter().map(|value| i16::from(value.is_some())).collect();
    let values: Vec<i64> = values.into_iter().flatten().collect();
    let mut column = group.next_column()?.ok_or_else(no_column)?;
    column
        .typed::<Int64Type>()
        .write_batch(&values, Some(&levels), None)?;
    column.close()
}
