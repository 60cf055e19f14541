-- Who says the traits of a fact: 0 the person, 1 the company's records, 2 an enrichment service, 3 derived.
ALTER TABLE event ADD COLUMN said_by INTEGER NOT NULL DEFAULT 0;
