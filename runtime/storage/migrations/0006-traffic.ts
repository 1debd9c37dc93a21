/** What people set for the record of requests. The rows themselves are in a file of their own (storage/traffic). */
export const traffic = `
CREATE TABLE saved_filters (
  user_key TEXT NOT NULL REFERENCES users (key) ON DELETE CASCADE,
  name TEXT NOT NULL,
  filter TEXT NOT NULL,
  PRIMARY KEY (user_key, name)
) STRICT, WITHOUT ROWID;

-- Apps whose bodies are kept.
CREATE TABLE captured_apps (
  app_key TEXT PRIMARY KEY REFERENCES apps (key) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
`
