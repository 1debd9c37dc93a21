/**
 * The document store that apps use (`atek.cloud/adb-api`). A database belongs to an owner (a user key or `system`) and
 * a service (an app's key, or `system` for calls that no app made). No reference to `apps`: an app may be uninstalled
 * and what it kept stay.
 *
 * `adb_changes` holds what each change replaced, for the newest changes of a database only.
 */
export const adb = `
CREATE TABLE adb_databases (
  id INTEGER PRIMARY KEY,
  db_id TEXT NOT NULL UNIQUE,
  owner TEXT NOT NULL,
  service TEXT NOT NULL,
  alias TEXT,
  access TEXT NOT NULL CHECK (access IN ('private', 'public')),
  seq INTEGER NOT NULL DEFAULT 0,
  created_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX adb_databases_by_alias ON adb_databases (owner, service, alias);
CREATE INDEX adb_databases_by_service ON adb_databases (service);

CREATE TABLE adb_records (
  database INTEGER NOT NULL REFERENCES adb_databases (id) ON DELETE CASCADE,
  path TEXT NOT NULL,
  seq INTEGER NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (database, path)
) STRICT;

CREATE TABLE adb_changes (
  database INTEGER NOT NULL REFERENCES adb_databases (id) ON DELETE CASCADE,
  seq INTEGER NOT NULL,
  path TEXT NOT NULL,
  before_seq INTEGER,
  before TEXT,
  PRIMARY KEY (database, seq)
) STRICT;
`
