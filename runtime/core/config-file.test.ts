import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { readConfigFile, updateConfigFile } from './config-file.ts'

let folder: string
let file: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'atek-config-'))
  file = join(folder, 'config.json')
})
afterEach(() => rm(folder, { recursive: true, force: true }))

describe('config.json', () => {
  test('a missing file is an empty configuration', async () => {
    expect(await readConfigFile(file)).toEqual({})
  })

  test('a change keeps keys that we do not know, and leaves no file beside', async () => {
    const unknown = { theirs: [{ id: 'home' }], coreServices: [{ id: 'home', sourceUrl: 'npm:home', theirs: true }] }
    await writeFile(file, JSON.stringify({ port: 9000, ...unknown, defaultMainService: 'npm:desk' }))
    await updateConfigFile(file, { port: 9001 })
    const kept = { port: 9001, ...unknown, defaultMainService: 'npm:desk' }
    expect(JSON.parse(await readFile(file, 'utf8'))).toEqual(kept)
    expect(await readdir(folder)).toEqual(['config.json'])
  })

  test.each([
    ['{\n  "port": 1,\n  oops\n}', 3],
    ['{\n  "port": 1,\n', 3],
    ['{\n  "port": "eighty"\n}', 2],
    ['{\n  "domain": "localhost",\n  "systemAuthTokens": ["short"]\n}', 3],
  ])('a file that does not parse is named with its line and never overwritten: %j', async (text, line) => {
    await writeFile(file, text)
    await expect(readConfigFile(file)).rejects.toMatchObject({ code: 'CONFIG_DAMAGED', details: { file, line } })
    await expect(updateConfigFile(file, { port: 2 })).rejects.toMatchObject({ code: 'CONFIG_DAMAGED' })
    expect(await readFile(file, 'utf8')).toBe(text)
  })
})
