import { expect, test } from 'vitest'
import { asked } from './request-path.mjs'

test('help names every option; a wrong one is told in one line, with the help', () => {
  const help = asked(['--help'])
  if (!('print' in help)) throw new Error('It would measure.')
  expect(help.status).toBe(0)
  for (const name of ['only', 'workloads', 'rounds', 'seconds', 'growth', 'json', 'markdown', 'from'])
    expect(help.print).toContain(`  --${name}`)
  const wrong: [args: string[], line: string][] = [
    [['--nothing'], "Unknown option '--nothing'."],
    [['--only'], "Option '--only <value>' argument missing."],
    [['get-32'], "Unexpected argument 'get-32'."],
    [['--rounds', 'many'], '--rounds takes a number above 0.'],
  ]
  for (const [args, line] of wrong) expect(asked(args)).toEqual({ print: `${line}\n\n${help.print}`, status: 2 })
  expect(asked(['--seconds', '1', '--growth'])).toMatchObject({ values: { rounds: '5', seconds: '1', growth: true } })
})
