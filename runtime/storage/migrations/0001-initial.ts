/**
 * The first schema. STRICT tables refuse values of another type; keys of people and apps are opaque and never reused.
 *
 * `credentials` stands apart from `users` (C01), tokens are kept as SHA-256 only (C04). `prev_hash` and `hash` of
 * `audit` are room for chaining (C41).
 */
export const initial = `
CREATE TABLE users (
  key TEXT PRIMARY KEY,
  username TEXT NOT NULL,
  username_folded TEXT NOT NULL UNIQUE,
  role TEXT NOT NULL CHECK (role IN ('admin', '')),
  created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE credentials (
  user_key TEXT PRIMARY KEY REFERENCES users (key) ON DELETE CASCADE,
  password_hash TEXT NOT NULL,
  changed_at INTEGER NOT NULL
) STRICT;

CREATE TABLE sessions (
  id TEXT PRIMARY KEY,
  user_key TEXT NOT NULL REFERENCES users (key) ON DELETE CASCADE,
  token_hash TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL CHECK (kind IN ('browser', 'panel')),
  client TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  last_seen_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX sessions_by_user ON sessions (user_key);

CREATE TABLE app_sessions (
  token_hash TEXT PRIMARY KEY,
  session_id TEXT NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
  app_key TEXT NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX app_sessions_by_session ON app_sessions (session_id, app_key);
CREATE INDEX app_sessions_by_app ON app_sessions (app_key);

CREATE TABLE sign_in_attempts (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  bucket TEXT NOT NULL,
  at INTEGER NOT NULL
) STRICT;
CREATE INDEX sign_in_attempts_by_bucket ON sign_in_attempts (bucket, at);
CREATE INDEX sign_in_attempts_by_time ON sign_in_attempts (at);

CREATE TABLE apps (
  key TEXT PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  owner TEXT NOT NULL,
  source_url TEXT NOT NULL,
  source_type TEXT NOT NULL CHECK (source_type IN ('file', 'git', 'npm', 'example')),
  desired_version TEXT,
  installed_version TEXT,
  package_folder TEXT NOT NULL,
  manifest TEXT NOT NULL,
  package_meta TEXT NOT NULL,
  config TEXT NOT NULL,
  autostart TEXT NOT NULL CHECK (autostart IN ('always', 'on-request', 'never')),
  enabled INTEGER NOT NULL CHECK (enabled IN (0, 1)),
  installed_at INTEGER NOT NULL
) STRICT;
CREATE INDEX apps_by_owner ON apps (owner);

CREATE TABLE retired_keys (
  key TEXT PRIMARY KEY,
  retired_at INTEGER NOT NULL
) STRICT;

CREATE TABLE settings (
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT;

CREATE TABLE audit (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  at INTEGER NOT NULL,
  action TEXT NOT NULL,
  actor TEXT NOT NULL,
  subject TEXT,
  outcome TEXT NOT NULL CHECK (outcome IN ('ok', 'refused', 'failed')),
  details TEXT NOT NULL,
  prev_hash TEXT,
  hash TEXT
) STRICT;

CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit BEGIN
  SELECT RAISE(ABORT, 'audit rows are not changed');
END;
CREATE TRIGGER audit_is_not_removed BEFORE DELETE ON audit BEGIN
  SELECT RAISE(ABORT, 'audit rows are not removed');
END;
`
