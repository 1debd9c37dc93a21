import { randomUUID } from 'node:crypto'
import { openApps } from './open-apps.ts'

/** Does what it is told in its arguments (folder, npm registry, command, more), and says on stdout how far it has come. */
const [folder = '', npmRegistry = '', command = '', ...rest] = process.argv.slice(2)
const open = await openApps({ folder, npmRegistry })
const say = (text: string) => process.stdout.write(`${text}\n`)

if (command === 'install') {
  say('reviewing')
  await open.install(`npm:${rest[0]}`, { kind: 'npm', id: 'app', allowScripts: true })
} else if (command === 'run') {
  for (const source of rest) {
    const reviewId = randomUUID()
    await open.apps.reviews.review({ reviewId, source, kind: 'folder', actor: 'system' })
    open.apps.changed.on(({ key }) => say(`${open.apps.state(key).state} ${open.apps.state(key).process?.pid}`))
    await open.apps.reviews.install({
      reviewId,
      id: `app-${rest.indexOf(source)}`,
      owner: 'system',
      allowScripts: false,
      actor: 'system',
    })
  }
  say('done')
} else if (command === 'update') {
  const { key } = await open.install(`npm:${rest[0]}@1.0.0`, { kind: 'npm', id: 'app' })
  await open.apps.configure('system', key, { desiredVersion: 'latest' })
  say('installed')
  open.apps.changed.on(() => say(`update ${open.apps.state(key).state}`))
  await open.apps.update('system', key, false)
  say('updated')
} else if (command === 'write') {
  const [app] = open.apps.list()
  for (let count = 1; app !== undefined; count++) {
    await open.apps.configure('system', app.key, { config: { COUNT: String(count) } })
    say(String(count))
  }
}
