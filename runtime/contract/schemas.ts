import { z } from 'zod'
import { LIMITS } from './limits.ts'

/** Opaque identifiers of users and apps: 128 random bits as hex. `system` is the owner of apps for everybody. */
export const keySchema = z.string().regex(/^[0-9a-f]{32}$/, 'This is not a key.')
export const ownerSchema = z.union([keySchema, z.literal('system')])

/**
 * Names that an app cannot have: the host's own names, and Windows device names, which would be unusable as a
 * folder or pipe name there (A40).
 */
const RESERVED_IDS = new Set(['atek', 'www', 'api', 'system', 'localhost', 'con', 'prn', 'aux', 'nul'])
const DEVICE = /^(com|lpt)[0-9]$/

export function isReservedAppId(id: string): boolean {
  return RESERVED_IDS.has(id) || DEVICE.test(id)
}

export const appIdSchema = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,62}$/, 'An app ID starts with a letter and has only a–z, 0–9 and hyphens, 63 at most.')
  .refine((id) => !isReservedAppId(id), 'This app ID is reserved.')

export const usernameSchema = z
  .string()
  .min(1, 'Enter a username.')
  .max(LIMITS.usernameLength)
  // No control or direction marks, no blanks at the ends: a name must be what it looks like (A29).
  .regex(/^[\p{L}\p{N}](?:[\p{L}\p{N}._@ -]*[\p{L}\p{N}])?$/u, 'Use letters, digits, and . _ @ - inside the name.')
  .refine((name) => name.toLowerCase() !== 'system', 'This username is reserved.')

/** For sign-in forms: bounded, but no rules that would tell a guesser which passwords cannot be. */
export const passwordInputSchema = z.string().min(1, 'Enter a password.').max(LIMITS.passwordMaxLength)
/** For new passwords (C01): a length and no composition rules. */
export const newPasswordSchema = z
  .string()
  .min(LIMITS.passwordMinLength, `Use at least ${LIMITS.passwordMinLength} characters.`)
  .max(LIMITS.passwordMaxLength)

export const roleSchema = z.enum(['admin', ''])
export type Role = z.infer<typeof roleSchema>

/** Whom a token stands for (C06): a person, an app, a paired device, an agent on another computer, the host itself. */
export const tokenTypeSchema = z.enum(['user', 'app', 'device', 'agent', 'system'])
export type TokenType = z.infer<typeof tokenTypeSchema>

/** As people call an API token. Nothing invisible, and no marks that turn the direction of text (A29). */
export const tokenNameSchema = z
  .string()
  .trim()
  .min(1, 'Enter a name.')
  .max(LIMITS.tokenNameLength)
  .regex(/^[^\p{C}\p{Zl}\p{Zp}]+$/u, 'Use visible characters only.')

/**
 * Keys of an app's config become environment variables. Those that would change how its process is loaded, or pose
 * as the host's own, are refused and not silently dropped (A44).
 */
const FORBIDDEN_ENV =
  /^(ATEK_.*|PATH|NODE_.*|LD_.*|DYLD_.*|ELECTRON_.*|OPENSSL_.*|GCONV_PATH|HOME|TMPDIR|TEMP|TMP|SHELL|BASH_ENV|ENV|IFS)$/

export function isForbiddenConfigKey(key: string): boolean {
  return FORBIDDEN_ENV.test(key.toUpperCase())
}

export const configSchema = z
  .record(
    z
      .string()
      .max(LIMITS.configKeyLength)
      .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'A config key has letters, digits and _ only.')
      .refine((key) => !isForbiddenConfigKey(key), 'This variable belongs to the host and cannot be set.'),
    // A zero byte would end the variable early in the process that gets it.
    z
      .string()
      .max(LIMITS.configValueLength)
      .refine((value) => !value.includes('\0'), 'A value cannot hold a zero byte.'),
  )
  .refine((config) => Object.keys(config).length <= LIMITS.configEntries, 'Too many config entries.')

/** What an app is made of; `upstream` is one that lives elsewhere and is only reached over the host (C23). */
export const sourceTypeSchema = z.enum(['file', 'git', 'npm', 'example', 'upstream'])
export type SourceType = z.infer<typeof sourceTypeSchema>

/** What a person says that a source is: as the types, with `folder` for `file`. */
export const sourceKindSchema = z.enum(['folder', 'git', 'npm', 'example', 'upstream'])
export type SourceKind = z.infer<typeof sourceKindSchema>

/** Where an app comes from, as the person typed it. What it means is decided in apps/sources. */
export const sourceUrlSchema = z.string().trim().min(1, 'Enter a source.').max(LIMITS.sourceUrlLength)

export const autostartSchema = z.enum(['always', 'on-request', 'never'])
export type Autostart = z.infer<typeof autostartSchema>
