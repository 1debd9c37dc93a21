import { homedir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { SourceKind } from '../types.ts'
import { parseSource } from './parse-source.ts'

test.each<[SourceKind, string, unknown]>([
  ['folder', '/a/../b/', { kind: 'folder', folder: '/b' }],
  ['folder', 'file:///with%20blank', { kind: 'folder', folder: '/with blank' }],
  ['folder', '~/apps', { kind: 'folder', folder: join(homedir(), 'apps') }],
  ['git', 'https://example.com/x/y.git', { kind: 'git', url: 'https://example.com/x/y.git', range: null }],
  ['git', 'https://example.com/x#v1.2.3', { kind: 'git', url: 'https://example.com/x', range: 'v1.2.3' }],
  ['git', 'https://example.com/x#semver:^1', { kind: 'git', url: 'https://example.com/x', range: '^1' }],
  ['git', 'http://localhost:1/x', { kind: 'git', url: 'http://localhost:1/x', range: null }],
  ['git', 'http://[::1]:1/x', { kind: 'git', url: 'http://[::1]:1/x', range: null }],
  ['npm', 'npm:hello', { kind: 'npm', name: 'hello', range: null }],
  ['npm', 'hello@^1', { kind: 'npm', name: 'hello', range: '^1' }],
  ['npm', 'npm:@a/b@next', { kind: 'npm', name: '@a/b', range: 'next' }],
  ['npm', '@a/b@latest', { kind: 'npm', name: '@a/b', range: null }],
  ['example', 'example:notes', { kind: 'example', name: 'notes' }],
  ['example', 'notes', { kind: 'example', name: 'notes' }],
])('%s %s', (kind, source, parsed) => {
  expect(parseSource(source, kind)).toEqual(parsed)
})

test.each<[SourceKind, string]>([
  ['folder', 'relative/path'],
  ['folder', 'file://server/share'],
  ['git', 'git@github.com:x/y.git'],
  ['git', 'ssh://git@example.com/x'],
  ['git', 'git://example.com/x'],
  ['git', 'file:///x'],
  ['git', 'http://example.com/x'],
  ['git', 'http://localhost.example.com/x'],
  ['git', 'ext::sh -c touch% /tmp/x'],
  ['git', '--upload-pack=touch /tmp/x'],
  ['git', 'https://user:secret@example.com/x'],
  ['git', 'https://example.com/x#--upload-pack=x'],
  ['git', 'https://example.com/x#main'],
  ['npm', 'git+https://example.com/x'],
  ['npm', 'github:x/y'],
  ['npm', 'x/y'],
  ['npm', '../x'],
  ['npm', '/x'],
  ['npm', 'https://example.com/x.tgz'],
  ['npm', 'file:x'],
  ['npm', 'npm:a@npm:b'],
  ['npm', 'a@file:x'],
  ['npm', 'a@git+ssh://x'],
  ['npm', ''],
  ['example', '../x'],
  ['example', 'example:/etc'],
])('A41: %s %s is refused', (kind, source) => {
  expect(() => parseSource(source, kind)).toThrow(expect.objectContaining({ code: 'SOURCE_INVALID' }))
})

test('a version asked for apart from the source gives way to one in it', () => {
  expect(parseSource('a@1', 'npm', '^2')).toMatchObject({ range: '1' })
  expect(parseSource('a', 'npm', '^2')).toMatchObject({ range: '^2' })
  expect(parseSource('https://example.com/x', 'git', 'latest')).toMatchObject({ range: null })
})
