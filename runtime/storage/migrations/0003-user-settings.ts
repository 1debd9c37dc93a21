/** What people set for themselves. An app that goes takes nothing along but its own place here. */
export const userSettings = `
CREATE TABLE user_settings (
  user_key TEXT PRIMARY KEY REFERENCES users (key) ON DELETE CASCADE,
  main_app_key TEXT REFERENCES apps (key) ON DELETE SET NULL
) STRICT;
CREATE INDEX user_settings_by_app ON user_settings (main_app_key);
`
