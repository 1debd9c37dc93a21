import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { TEST_APP_SOURCES, type TestAppKind } from './test-app-sources.ts'

export { TEST_APP_SOURCES, type TestAppKind } from './test-app-sources.ts'

export interface TestAppOptions {
  /** Name of the folder and the package; the kind unless told. */
  name?: string
  /** Becomes `atek.json`; none unless told. */
  manifest?: unknown
  /** Added to `package.json`; null for no `package.json`. */
  packageJson?: Record<string, unknown> | null
  /** Further files: path in the package -> text. */
  files?: Record<string, string>
}

/** Writes an app into `folder` and returns it. */
export async function writeTestApp(folder: string, kind: TestAppKind, options: TestAppOptions = {}): Promise<string> {
  const files: Record<string, string> = { 'index.js': TEST_APP_SOURCES[kind], ...options.files }
  if (options.packageJson !== null) {
    const name = options.name ?? kind
    files['package.json'] = JSON.stringify({ name, version: '1.0.0', ...options.packageJson }, null, 2)
  }
  if (options.manifest !== undefined) files['atek.json'] = JSON.stringify(options.manifest, null, 2)
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), text)
  }
  return folder
}

/** A temporary folder full of apps. */
export class TestApps {
  readonly root: string

  private constructor(root: string) {
    this.root = root
  }

  static async create(): Promise<TestApps> {
    return new TestApps(await realpath(await mkdtemp(join(tmpdir(), 'atek-apps-'))))
  }

  /** Writes an app and returns its folder, which is also its source address. */
  make(kind: TestAppKind, options: TestAppOptions = {}): Promise<string> {
    return writeTestApp(join(this.root, options.name ?? kind), kind, options)
  }

  async dispose(): Promise<void> {
    await rm(this.root, { recursive: true, force: true })
  }
}
