/**
 * API tokens of people (C05): one row a family. A refresh token has two halves: the first names the family and stays,
 * the second is new at each use. Both are kept as SHA-256 only. Whoever brings a known first half with another second
 * half has a token that was used before, however long ago that was; no list of used ones is needed.
 */
export const apiTokens = `
CREATE TABLE api_tokens (
  id TEXT PRIMARY KEY,
  user_key TEXT NOT NULL REFERENCES users (key) ON DELETE CASCADE,
  token_type TEXT NOT NULL CHECK (token_type IN ('user', 'app', 'device', 'agent', 'system')),
  name TEXT NOT NULL,
  origin TEXT NOT NULL CHECK (origin IN ('panel', 'password')),
  series_hash TEXT NOT NULL UNIQUE,
  refresh_hash TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  last_used_at INTEGER,
  expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX api_tokens_by_user ON api_tokens (user_key);
CREATE INDEX api_tokens_by_end ON api_tokens (expires_at);
`
