//! HTTP: Segment ingest, REST and pages.
