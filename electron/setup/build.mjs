/** `npm run build` */
import { build } from './builder.mjs'
import { exclusively } from './lock.mjs'
import { checkNode, ensurePackages } from './packages.mjs'
import { explain } from './report.mjs'

try {
  checkNode()
  await ensurePackages()
  await exclusively(build)
} catch (error) {
  explain(error)
}
