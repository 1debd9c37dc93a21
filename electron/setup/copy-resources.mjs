/** Puts the bundled examples and documents beside the built code, examples with the packages that they need. */
import { cp, mkdir, readdir, readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * @param {string} root The project folder.
 * @param {string} out The folder of the build.
 */
export async function copyResources(root, out) {
  for (const name of ['examples', 'docs']) {
    await rm(join(out, name), { recursive: true, force: true })
    await cp(join(root, 'resources', name), join(out, name), {
      recursive: true,
      filter: (source) => !source.endsWith('.test.ts'),
    })
  }
  for (const example of await readdir(join(out, 'examples'), { withFileTypes: true })) {
    if (example.isDirectory()) await copyDependencies(root, join(out, 'examples', example.name))
  }
}

/**
 * An example installs without the network: what its package.json asks for comes from the project's own node_modules.
 * @param {string} root
 * @param {string} folder
 */
async function copyDependencies(root, folder) {
  const meta = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8').catch(() => '{}'))
  const queue = Object.keys(meta.dependencies ?? {})
  /** @type {Set<string>} */
  const copied = new Set()
  for (let name = queue.shift(); name !== undefined; name = queue.shift()) {
    if (copied.has(name)) continue
    copied.add(name)
    const source = join(root, 'node_modules', name)
    if (!(await stat(join(source, 'package.json')).catch(() => null))) {
      throw new Error(`${folder} needs the package ${name}, which is not in the project's node_modules.`)
    }
    await mkdir(join(folder, 'node_modules', name), { recursive: true })
    await cp(source, join(folder, 'node_modules', name), { recursive: true })
    const own = JSON.parse(await readFile(join(source, 'package.json'), 'utf8'))
    queue.push(...Object.keys(own.dependencies ?? {}))
  }
}
