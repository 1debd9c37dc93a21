/**
 * The schema of traffic.db, in order; only ever appended to.
 *
 * A search without an index reads through all of `exchanges`, so that is kept narrow: texts that come again and again
 * are numbers of `names`, and what only the details show is in a table of its own. Secrets are masked already (C51).
 */
const first = `
CREATE TABLE exchanges (
  seq INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  kind INTEGER NOT NULL,
  app_key INTEGER,
  app_id INTEGER NOT NULL,
  user_key INTEGER,
  username INTEGER,
  service_key INTEGER,
  service_id INTEGER,
  method INTEGER NOT NULL,
  path TEXT NOT NULL,
  status INTEGER,
  aborted INTEGER NOT NULL,
  duration REAL,
  bytes_in INTEGER NOT NULL,
  bytes_out INTEGER NOT NULL,
  refused INTEGER,
  rpc_api INTEGER,
  rpc_method INTEGER,
  cause INTEGER,
  cause_sure INTEGER NOT NULL,
  replay_of INTEGER,
  headers INTEGER NOT NULL
) STRICT;
CREATE INDEX exchanges_by_cause ON exchanges (cause) WHERE cause IS NOT NULL;

CREATE TABLE details (
  seq INTEGER PRIMARY KEY,
  json TEXT NOT NULL
) STRICT;

-- last_seq: the newest row that uses it. Once that is gone, the name may go.
CREATE TABLE names (
  id INTEGER PRIMARY KEY,
  text TEXT NOT NULL UNIQUE,
  last_seq INTEGER NOT NULL
) STRICT;
CREATE INDEX names_by_last_seq ON names (last_seq);

-- What the charts of the last days are drawn from. One row an hour and app, one an hour and edge of the call graph.
CREATE TABLE app_hours (
  hour INTEGER NOT NULL,
  app_key TEXT NOT NULL,
  app_id TEXT NOT NULL,
  requests INTEGER NOT NULL,
  errors INTEGER NOT NULL,
  durations BLOB NOT NULL,
  PRIMARY KEY (hour, app_key)
) STRICT, WITHOUT ROWID;

CREATE TABLE edge_hours (
  hour INTEGER NOT NULL,
  source TEXT NOT NULL,
  target TEXT NOT NULL,
  api TEXT NOT NULL,
  source_label TEXT NOT NULL,
  target_label TEXT NOT NULL,
  requests INTEGER NOT NULL,
  errors INTEGER NOT NULL,
  durations BLOB NOT NULL,
  PRIMARY KEY (hour, source, target, api)
) STRICT, WITHOUT ROWID;
`

export const TRAFFIC_MIGRATIONS: readonly string[] = [first]
