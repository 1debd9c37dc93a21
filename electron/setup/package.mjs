/** `npm run package`: the unpacked app into dist/. `npm run package -- installers`: what people download, too. */
import { ensureBuild } from './builder.mjs'
import { ensureElectron } from './electron.mjs'
import { isFallback } from './fallback-electron.mjs'
import { ensureNatives } from './natives.mjs'
import { packageInstallers, packageUnpacked } from './packager.mjs'
import { checkNode, ensurePackages } from './packages.mjs'
import { explain, SetupError, say } from './report.mjs'

try {
  checkNode()
  await ensurePackages()
  const electron = await ensureElectron()
  await ensureNatives(electron)
  await ensureBuild()
  if (process.argv.includes('installers')) {
    // An old Electron is good for tests; people are to get the current one.
    if (isFallback(electron))
      throw new SetupError("Installers need Electron's own download, which does not answer here.")
    await packageInstallers(electron)
  } else {
    const { folder } = await packageUnpacked(electron)
    say(`The app is in ${folder}.`)
  }
} catch (error) {
  explain(error)
}
