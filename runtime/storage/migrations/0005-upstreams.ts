/**
 * Apps that live elsewhere (C23), the identity headers that an app is sent, and the addresses at which another proxy
 * serves it (C24). A CHECK cannot be changed in SQLite, so the table is made anew and takes the old one's name
 * (https://www.sqlite.org/lang_altertable.html, section 7); nothing that refers to it notices.
 */
export const upstreams = `
CREATE TABLE apps_next (
  key TEXT PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  owner TEXT NOT NULL,
  source_url TEXT NOT NULL,
  source_type TEXT NOT NULL CHECK (source_type IN ('file', 'git', 'npm', 'example', 'upstream')),
  desired_version TEXT,
  installed_version TEXT,
  package_folder TEXT NOT NULL,
  manifest TEXT NOT NULL,
  package_meta TEXT NOT NULL,
  config TEXT NOT NULL,
  autostart TEXT NOT NULL CHECK (autostart IN ('always', 'on-request', 'never')),
  enabled INTEGER NOT NULL CHECK (enabled IN (0, 1)),
  installed_at INTEGER NOT NULL,
  identity_headers TEXT NOT NULL,
  external_origins TEXT NOT NULL
) STRICT;
INSERT INTO apps_next SELECT key, id, owner, source_url, source_type, desired_version, installed_version, package_folder,
  manifest, package_meta, config, autostart, enabled, installed_at, '[]', '[]' FROM apps;
DROP TABLE apps;
ALTER TABLE apps_next RENAME TO apps;
CREATE INDEX apps_by_owner ON apps (owner);
`
