import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { unzip } from './unpack.mjs'

let folder: string
let target: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'atek-unzip-'))
  target = join(folder, 'target')
  await mkdir(target)
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const keep = (name: string) => name

test('entries get the names that they are given, or are left out', async () => {
  const file = await zip([
    { name: 'App/' },
    { name: 'App/bin', text: 'program' },
    { name: 'App/res/secret', text: 'x' },
  ])
  await unzip(file, target, (name) => (name.includes('secret') ? null : name.replace('App', 'Other')))
  expect(await readFile(join(target, 'Other', 'bin'), 'utf8')).toBe('program')
  expect(await readdir(join(target, 'Other'))).toEqual(['bin'])
})

test.each(['../out', 'a/../../out', '/tmp/atek-out', 'C:/out', 'C:out', 'a\\..\\..\\out'])(
  'C45: an entry that leaves the folder is refused: %s',
  async (name) => {
    const file = await zip([
      { name: 'first', text: '1' },
      { name, text: 'out' },
    ])
    await expect(unzip(file, target, keep)).rejects.toThrow()
    expect((await readdir(folder)).sort()).toEqual(['archive.zip', 'target'])
  },
)

test('C45: a name that leaves the folder is refused although the entry is left out or renamed', async () => {
  const file = await zip([{ name: '../out', text: 'out' }])
  await expect(unzip(file, target, () => null)).rejects.toThrow()
  await expect(unzip(file, target, () => 'inside')).rejects.toThrow()
})

test('C45: a rename cannot leave the folder either', async () => {
  const file = await zip([{ name: 'inside', text: 'x' }])
  await expect(unzip(file, target, () => '../out')).rejects.toThrow(/leaves its folder/)
})

test('C45: links and devices are refused', async () => {
  const link = await zip([{ name: 'link', text: '/etc/passwd', mode: 0o120777 }])
  await expect(unzip(link, target, keep)).rejects.toThrow(/link or a device/)
  const device = await zip([{ name: 'device', text: '', mode: 0o020666 }])
  await expect(unzip(device, target, keep)).rejects.toThrow(/link or a device/)
  expect(await readdir(target)).toEqual([])
})

test('a second entry of the same name is refused', async () => {
  const file = await zip([
    { name: 'same', text: '1' },
    { name: 'same', text: '2' },
  ])
  await expect(unzip(file, target, keep)).rejects.toThrow(/EEXIST/)
})

interface Entry {
  name: string
  text?: string
  mode?: number
}

/** A zip file as no tool would write it: whatever names and modes the test wants, stored without compression. */
async function zip(entries: Entry[]): Promise<string> {
  const locals: Buffer[] = []
  const centrals: Buffer[] = []
  let offset = 0
  for (const { name, text = '', mode = name.endsWith('/') ? 0o040755 : 0o100644 } of entries) {
    const content = Buffer.from(text)
    const common = Buffer.alloc(26)
    common.writeUInt16LE(20, 0)
    common.writeUInt32LE(crc32(content), 10)
    common.writeUInt32LE(content.length, 14)
    common.writeUInt32LE(content.length, 18)
    common.writeUInt16LE(Buffer.byteLength(name), 22)
    const local = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), common, Buffer.from(name), content])
    const rest = Buffer.alloc(14)
    rest.writeUInt32LE((mode << 16) >>> 0, 6)
    rest.writeUInt32LE(offset, 10)
    // Made by Unix (3): the upper half of the attributes is the mode.
    centrals.push(Buffer.concat([Buffer.from('PK\x01\x02\x14\x03', 'latin1'), common, rest, Buffer.from(name)]))
    locals.push(local)
    offset += local.length
  }
  const directory = Buffer.concat(centrals)
  const end = Buffer.alloc(22)
  end.write('PK\x05\x06', 0, 'latin1')
  end.writeUInt16LE(entries.length, 8)
  end.writeUInt16LE(entries.length, 10)
  end.writeUInt32LE(directory.length, 12)
  end.writeUInt32LE(offset, 16)
  const file = join(folder, 'archive.zip')
  await writeFile(file, Buffer.concat([...locals, directory, end]))
  return file
}
