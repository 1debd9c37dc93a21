import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { inProject } from './folders.mjs'

/**
 * A small tree with one violation of each rule, and beside them what the rules allow. The tool has to report exactly
 * the planted ones: a rule that sleeps and a rule that catches too much both show.
 */

interface Planted {
  rule: string
  file: string
  text: string
}

const VIOLATIONS: Planted[] = [
  { rule: 'layer-contract', file: 'runtime/contract/bad.ts', text: "import '../core/ids.ts'" },
  { rule: 'layer-core', file: 'runtime/core/bad.ts', text: "import '../storage/storage.ts'" },
  { rule: 'layer-storage', file: 'runtime/storage/bad.ts', text: "import '../audit/audit.ts'" },
  { rule: 'layer-audit', file: 'runtime/audit/bad.ts', text: "import '../identity/identity.ts'" },
  { rule: 'layer-identity', file: 'runtime/identity/bad.ts', text: "import '../traffic/recorder.ts'" },
  { rule: 'layer-traffic', file: 'runtime/traffic/bad.ts', text: "import '../identity/identity.ts'" },
  { rule: 'layer-apps', file: 'runtime/apps/bad.ts', text: "import '../gateway/gateway.ts'" },
  { rule: 'layer-gateway', file: 'runtime/gateway/bad.ts', text: "import type {} from '../edge/edge.ts'" },
  { rule: 'layer-edge', file: 'runtime/edge/bad-insides.ts', text: "import type {} from '../gateway/broker.ts'" },
  { rule: 'layer-control', file: 'runtime/control/bad.ts', text: "import '../runtime.ts'" },
  {
    rule: 'edge-gets-the-gateway-handed-in',
    file: 'runtime/edge/bad.ts',
    text: "import { gateway } from '../gateway/gateway.ts'\ngateway()",
  },
  { rule: 'runtime-roots', file: 'runtime/runtime-events.ts', text: "import './testing/start.ts'" },
  { rule: 'runtime-without-index', file: 'runtime/runtime.ts', text: "import './index.ts'" },
  {
    rule: 'runtime-without-shell',
    file: 'runtime/edge/bad-shell.ts',
    text: "import { app } from 'electron'\napp.quit()",
  },
  { rule: 'contract-without-node', file: 'runtime/contract/bad-node.ts', text: "import 'node:fs'" },
  { rule: 'sqlite-in-storage-only', file: 'runtime/audit/bad-sqlite.ts', text: "import 'better-sqlite3'" },
  { rule: 'keytar-in-secrets-only', file: 'electron/windows/bad.ts', text: "await import('keytar')" },
  { rule: 'electron-in-the-shell-only', file: 'renderer/bad-electron.ts', text: "import 'electron'" },
  { rule: 'shell-knows-the-door-only', file: 'electron/host.ts', text: "import '../runtime/runtime-kit.ts'" },
  {
    rule: 'shell-without-panel',
    file: 'electron/windows/bad-panel.ts',
    text: "import type {} from '../../renderer/App.ts'",
  },
  {
    rule: 'preload-is-types-and-electron',
    file: 'electron/preload.ts',
    text: "import 'electron'\nimport type {} from './ipc/contract.ts'\nimport { CHANNELS } from './ipc/contract.ts'\nCHANNELS()",
  },
  { rule: 'setup-apart', file: 'electron/setup/bad.mjs', text: "import '../../runtime/index.ts'" },
  { rule: 'app-without-setup', file: 'electron/windows/bad-setup.ts', text: "import '../setup/report.mjs'" },
  { rule: 'panel-knows-contracts-only', file: 'renderer/bad.ts', text: "import type {} from '../runtime/core/ids.ts'" },
  {
    rule: 'panel-imports-types-only',
    file: 'renderer/bad-value.ts',
    text: "import { schema } from '../runtime/contract/schemas.ts'\nschema()",
  },
  {
    rule: 'filter-language-alone',
    file: 'runtime/contract/filter/bad.ts',
    text: "import { schema } from '../schemas.ts'\nschema()",
  },
  { rule: 'panel-without-node', file: 'renderer/bad-node.ts', text: "import 'node:path'" },
  { rule: 'pages-know-their-contract-only', file: 'renderer/web/bad.ts', text: "import '../App.ts'" },
  { rule: 'panel-without-pages', file: 'renderer/bad-pages.ts', text: "import './web/pages.ts'" },
  { rule: 'helpers-for-tests-only', file: 'runtime/apps/bad-helper.ts', text: "import '../testing/start.ts'" },
  { rule: 'entries-are-imported-by-nobody', file: 'electron/windows/bad-entry.ts', text: "import '../main.ts'" },
  { rule: 'shipped-code-uses-dependencies', file: 'runtime/core/bad-dev.ts', text: "import 'ws'" },
  { rule: 'packages-are-declared', file: 'runtime/core/bad-package.ts', text: "import 'undeclared'" },
  { rule: 'imports-resolve', file: 'runtime/core/bad-path.ts', text: "import './gone.ts'" },
  { rule: 'no-cycles', file: 'runtime/core/cycle-a.ts', text: "import './cycle-b.ts'" },
]

/** What the violations need to point at, and what is allowed. */
const ALLOWED: Record<string, string> = {
  'runtime/contract/schemas.ts': "import 'zod'\nexport const schema = () => {}",
  'runtime/core/ids.ts': "import 'node:crypto'\nimport '../contract/schemas.ts'",
  // The other half of the cycle, which is reported once.
  'runtime/core/cycle-b.ts': "import './cycle-a.ts'",
  'runtime/core/ids.test.ts': "import 'ws'\nimport '../testing/start.ts'",
  'runtime/storage/storage.ts': "import 'better-sqlite3'\nimport '../core/ids.ts'",
  'runtime/audit/audit.ts': "import '../storage/storage.ts'",
  'runtime/identity/identity.ts': "import '../audit/audit.ts'",
  'runtime/traffic/recorder.ts': "import '../core/ids.ts'",
  'runtime/apps/apps.ts': "import '../identity/identity.ts'\nimport '../traffic/recorder.ts'",
  'runtime/gateway/gateway.ts': "import '../apps/apps.ts'\nexport const gateway = () => {}",
  'runtime/gateway/broker.ts': 'export {}',
  'runtime/edge/edge.ts': "import '../apps/apps.ts'\nimport type {} from '../gateway/gateway.ts'",
  'runtime/control/control.ts': "import '../apps/apps.ts'",
  'runtime/runtime-kit.ts': "import './edge/edge.ts'\nimport './gateway/gateway.ts'\nimport './control/control.ts'",
  'runtime/index.ts': "export {} from './runtime-kit.ts'",
  'runtime/cli.ts': "import './runtime-kit.ts'",
  'runtime/testing/start.ts': "import '../runtime-kit.ts'\nimport 'ws'",
  'electron/main.ts':
    "import { app } from 'electron'\nimport '../runtime/index.ts'\nimport './secrets/keychain.ts'\napp.quit()",
  'electron/secrets/keychain.ts': "await import('keytar')",
  'electron/ipc/contract.ts': "import '../../runtime/contract/schemas.ts'\nexport const CHANNELS = () => {}",
  'electron/setup/report.mjs': "import 'ws'",
  'renderer/App.ts':
    "import 'ws'\nimport type {} from '../electron/ipc/contract.ts'\nimport type {} from '../runtime/contract/schemas.ts'",
  'renderer/App.test.ts': "import { schema } from '../runtime/contract/schemas.ts'\nimport 'node:fs'\nschema()",
  'renderer/main.tsx': "import './App.ts'",
  'renderer/web/pages.ts': "import type {} from '../../runtime/contract/schemas.ts'",
  'e2e/panel.spec.ts': "import '../electron/setup/report.mjs'\nimport '../runtime/testing/start.ts'",
}

const DEPENDENCIES = ['zod', 'better-sqlite3', 'keytar']
const DEV_DEPENDENCIES = ['electron', 'ws']

const rules: string[] = createRequire(import.meta.url)(inProject('.dependency-cruiser.cjs')).forbidden.map(
  (rule: { name: string }) => rule.name,
)

let folder: string
let reported: { rule: string; file: string }[]

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'atek-layers-'))
  for (const { file, text } of VIOLATIONS) await write(file, text)
  for (const [file, text] of Object.entries(ALLOWED)) await write(file, text)
  const entries = (names: string[]) => Object.fromEntries(names.map((name) => [name, '1.0.0']))
  await write(
    'package.json',
    JSON.stringify({ type: 'module', dependencies: entries(DEPENDENCIES), devDependencies: entries(DEV_DEPENDENCIES) }),
  )
  for (const name of [...DEPENDENCIES, ...DEV_DEPENDENCIES, 'undeclared']) {
    await write(`node_modules/${name}/package.json`, JSON.stringify({ name, version: '1.0.0', main: 'index.js' }))
    await write(`node_modules/${name}/index.js`, '')
  }
  for (const name of ['tsconfig.json', '.dependency-cruiser.cjs']) await cp(inProject(name), join(folder, name))
  reported = await cruise()
}, 60_000)

afterAll(() => rm(folder, { recursive: true, force: true }))

describe('The layering check', () => {
  test('has a planted violation for every rule', () => {
    expect([...new Set(VIOLATIONS.map(({ rule }) => rule))].sort()).toEqual([...rules].sort())
  })

  test.each(VIOLATIONS)('$rule reports $file', ({ rule, file }) => {
    expect(reported).toContainEqual({ rule, file })
  })

  test('reports nothing else', () => {
    const planted = new Set(VIOLATIONS.map(({ file }) => file))
    expect(reported.filter(({ file }) => !planted.has(file))).toEqual([])
  })
})

async function write(file: string, text: string): Promise<void> {
  await mkdir(join(folder, dirname(file)), { recursive: true })
  await writeFile(join(folder, file), text)
}

/** Runs the tool as `npm run layers` does. */
async function cruise(): Promise<{ rule: string; file: string }[]> {
  const tool = inProject('node_modules', 'dependency-cruiser', 'bin', 'dependency-cruise.mjs')
  const args = [tool, 'electron', 'renderer', 'runtime', 'e2e', '--config', '.dependency-cruiser.cjs', '-T', 'json']
  const options = { cwd: folder, maxBuffer: 64 * 1024 * 1024 }
  // It ends with the number of violations as its exit code; the report is on standard output all the same.
  const { stdout } = await promisify(execFile)(process.execPath, args, options).catch((error) => error)
  const { summary } = JSON.parse(stdout) as { summary: { violations: { from: string; rule: { name: string } }[] } }
  return summary.violations.map(({ from, rule }) => ({ rule: rule.name, file: from }))
}
