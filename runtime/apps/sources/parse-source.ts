import { homedir } from 'node:os'
import { isAbsolute, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import semver from 'semver'
import { AppError } from '../../contract/errors.ts'
import type { SourceKind } from '../types.ts'
import { parseUpstream } from '../upstream/upstream-url.ts'

/** What a person typed, understood. `range` is a semver range or, for npm, a tag; null for the newest. */
export type ParsedSource =
  | { kind: 'folder'; folder: string }
  | { kind: 'git'; url: string; range: string | null }
  | { kind: 'npm'; name: string; range: string | null }
  | { kind: 'example'; name: string }
  | { kind: 'upstream'; url: string }

// https://docs.npmjs.com/cli/configuring-npm/package-json#name; nothing else that npm would take for a package:
// no git, file or alias specifiers (A41).
const NPM_NAME = /^(@[a-z0-9~-][a-z0-9._~-]*\/)?[a-z0-9~-][a-z0-9._~-]*$/
const NPM_TAG = /^[a-z][a-z0-9._-]*$/i
const EXAMPLE_NAME = /^[a-z0-9][a-z0-9-]*$/

/** Throws SOURCE_INVALID in a sentence that says what a right one looks like. */
export function parseSource(source: string, kind: SourceKind, desiredVersion?: string): ParsedSource {
  const text = source.trim()
  const wanted = desiredVersion === undefined || desiredVersion === 'latest' ? null : desiredVersion
  if (kind === 'folder') return { kind, folder: folderOf(text) }
  if (kind === 'git') return parseGit(text, wanted)
  if (kind === 'npm') return parseNpm(text, wanted)
  if (kind === 'upstream') return { kind, url: parseUpstream(text).href }
  const name = text.replace(/^example:/, '')
  if (!EXAMPLE_NAME.test(name)) throw invalid('This is no bundled example. Choose one from the list.')
  return { kind, name }
}

/** What kind of source an address of the protocol is: `file://…`, `npm:…`, `example:…`, `upstream:…`, anything else a repository. */
export function kindOfSource(sourceUrl: string): SourceKind {
  const scheme = /^(file|npm|example|upstream):/i.exec(sourceUrl.trim())?.[1]?.toLowerCase()
  if (scheme === 'file') return 'folder'
  return scheme === 'npm' || scheme === 'example' || scheme === 'upstream' ? scheme : 'git'
}

/** The address of an npm package or a repository without the range of versions that it may end with. */
export function withoutRange(sourceUrl: string): string {
  return sourceUrl.replace(/#.*$/, '').replace(/^(npm:.[^@]*)@.*$/, '$1')
}

function folderOf(text: string): string {
  if (/^file:/i.test(text)) {
    try {
      return fileURLToPath(text)
    } catch {
      throw invalid('This file:// address is no folder of this computer. Write it as file:///folder.')
    }
  }
  if (text === '~' || text.startsWith('~/')) return join(homedir(), text.slice(1))
  if (!isAbsolute(text)) throw invalid('Write the whole path of the folder, from the root of the disk on.')
  return resolve(text)
}

function parseGit(text: string, wanted: string | null): ParsedSource {
  // Transports other than http run programs (`ext::`) or take options from the address (`--upload-pack`): A41.
  const url = URL.canParse(text) ? new URL(text) : null
  if (url === null || !isGitAddress(url))
    throw invalid('A git address begins with https://. Copy it from the page of the repository.')
  if (url.username !== '' || url.password !== '') {
    // It would lie readable in the database and on screen (C51).
    throw invalid('Leave the user name and password out of the git address; Atek fetches public repositories only.')
  }
  const range = url.hash === '' ? wanted : decodeURIComponent(url.hash.slice(1)).replace(/^semver:/, '')
  url.hash = ''
  if (range !== null && semver.validRange(range) === null) {
    throw invalid('What stands behind # must be a version or a range of versions, for instance #1.2.3 or #^1.')
  }
  return { kind: 'git', url: url.href, range }
}

/** https everywhere; plain http only from this very computer, where nobody can listen or change it. */
export function isGitAddress(url: URL): boolean {
  if (url.protocol === 'https:') return true
  return url.protocol === 'http:' && ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname)
}

function parseNpm(text: string, wanted: string | null): ParsedSource {
  const spec = text.replace(/^npm:/, '')
  const at = spec.indexOf('@', 1)
  const name = at === -1 ? spec : spec.slice(0, at)
  const range = at === -1 ? wanted : spec.slice(at + 1)
  if (!NPM_NAME.test(name) || name.length > 214) {
    throw invalid('This is no name of an npm package. Write name or name@version, for instance npm:hello@1.')
  }
  if (range !== null && semver.validRange(range) === null && !NPM_TAG.test(range)) {
    throw invalid('What stands behind @ must be a version or a range of versions, for instance @1.2.3 or @^1.')
  }
  return { kind: 'npm', name, range: range === '' || range === 'latest' ? null : range }
}

function invalid(message: string): AppError {
  return new AppError('SOURCE_INVALID', message)
}
