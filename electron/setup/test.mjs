/**
 * `npm test`: the same set-up as `npm start`, what the tests need beside it, then every check in its order.
 * `npm test -- unit runtime/core` runs one stage and hands the rest to its tool.
 */
import { ensureBuild } from './builder.mjs'
import { ensureElectron } from './electron.mjs'
import { ensureNatives } from './natives.mjs'
import { checkNode, ensurePackages } from './packages.mjs'
import { duration, explain, SetupError, say } from './report.mjs'
import { ensureSystemPackages } from './system-packages.mjs'

/** Those have the code of a signal: somebody pressed Ctrl-C. */
let interrupted = false
process.on('SIGINT', () => {
  interrupted = true
})

const started = Date.now()
try {
  checkNode()
  await ensurePackages()
  await ensureSystemPackages(['window', 'tests'])
  await ensureNatives(await ensureElectron())
  // Only now: the stages use packages.
  const { STAGES } = await import('./stages.mjs')
  const [name, ...args] = process.argv.slice(2)
  const chosen = STAGES.filter((stage) => name === undefined || stage.name === name)
  if (chosen.length === 0) {
    throw new SetupError(`There is no stage "${name}". The stages are ${STAGES.map((stage) => stage.name).join(', ')}.`)
  }
  if (name !== undefined && chosen.some((stage) => stage.needsBuild)) await ensureBuild()
  await runStages(chosen, args)
} catch (error) {
  explain(error)
}

/**
 * All of them, also after a failure: one run says everything that is wrong. Without a build the later ones say nothing.
 * @param {import('./stages.mjs').Stage[]} stages
 * @param {string[]} args
 */
async function runStages(stages, args) {
  /** @type {string[]} */
  const summary = []
  let passed = 0
  let failed = 0
  let built = true
  for (const stage of stages) {
    if (interrupted) throw new SetupError('Interrupted.')
    if (stage.needsBuild && !built) {
      summary.push(`  not run  ${stage.title}`)
      continue
    }
    say(`\n── ${stage.title}`)
    const begun = Date.now()
    const counts = await runStage(stage, args)
    passed += counts.passed
    failed += counts.failed
    if (stage.name === 'build') built = counts.failed === 0
    const word = counts.failed === 0 ? 'passed ' : 'FAILED '
    summary.push(
      `  ${word}  ${stage.title}: ${counts.passed} passed, ${counts.failed} failed, ${duration(Date.now() - begun)}`,
    )
  }
  say(`\n${summary.join('\n')}\n  whole run: ${duration(Date.now() - started)}\n`)
  say(`${passed} passed, ${failed} failed`)
  if (failed > 0) process.exitCode = 1
}

/**
 * @param {import('./stages.mjs').Stage} stage
 * @param {string[]} args
 */
async function runStage(stage, args) {
  try {
    return await stage.run(args)
  } catch (error) {
    explain(error)
    return { passed: 0, failed: 1 }
  }
}
