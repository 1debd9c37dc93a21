import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'

const project = resolve(import.meta.dirname, '../..')
const read = (path: string) => readFileSync(join(project, path), 'utf8')
const document = read('resources/docs/protocol.md')

/** Each test that the document names: `file` › “name”. */
const cited = [...document.matchAll(/`([^`]+\.(?:test|spec)\.ts)` › “([^”]+)”/g)].map(([, file = '', name = '']) => ({
  file,
  name,
}))

/** Methods that a published client declares. */
function declared(name: string, contract: string): string[] {
  const folder = `node_modules/@atek-cloud/${name}/dist`
  const text = readdirSync(join(project, folder))
    .filter((file) => file.endsWith('.d.ts'))
    .map((file) => read(join(folder, file)))
    .join('\n')
  const body = new RegExp(`export interface ${contract} \\{(.*?)\\n\\}`, 's').exec(text)?.[1] ?? ''
  return [...body.matchAll(/^ {4}(\w+)\(/gm)].map(([, method = '']) => method)
}

test('every test that the table of the protocol names exists', () => {
  expect(cited.length).toBeGreaterThan(80)
  const missing = cited.filter(({ file, name }) => {
    const source = read(file)
    return !["'", '"', '`'].some((quote) => source.includes(`${quote}${name}${quote}`))
  })
  expect(missing).toEqual([])
})

test.each([
  ['users-api', 'UsersApi', 7],
  ['user-sessions-api', 'UserSessionsApi', 3],
  ['services-api', 'ServicesApi', 10],
  ['inspect-api', 'InspectApi', 2],
  ['adb-api', 'AdbApi', 17],
])('every method that %s declares is in the table, with a test', (name, contract, count) => {
  const methods = declared(name, contract)
  expect(methods).toHaveLength(count)
  const rows = document.split('\n').filter((line) => line.includes(' › “'))
  for (const method of methods) {
    expect(rows.filter((line) => line.startsWith(`| \`${name}\` \`${method}\` |`))).toHaveLength(1)
  }
})

test('every variable, subcommand and key of the configuration is in the table', () => {
  const [, table = ''] = document.split('## Where each part is tested')
  const subcommands = 'run ls get install uninstall update cfg start stop restart mkuser moduser deluser'.split(' ')
  const keys = ['domain', 'port', 'coreServices', 'defaultMainService', 'systemAuthTokens']
  const variables = [...document.matchAll(/ATEK_[A-Z_]+/g)].map(([variable]) => variable)
  for (const word of [...subcommands, ...keys, ...variables]) expect(table).toContain(`\`${word}\``)
})
