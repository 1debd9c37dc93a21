import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestHost, type TestHost } from '../../testing/start-host.ts'

let host: TestHost
beforeAll(async () => {
  host = await startTestHost()
})
afterAll(() => host.close())

test('main service: the root leads to it, the list of apps stays, and A07 holds at each visit', async () => {
  const alice = await host.user('alice')
  const bob = await host.user('bob')
  const app = await host.install('echo', 'system', 'desk')
  const bobs = await host.install('echo', bob.key, 'bobs')
  const root = `${host.edge.address()}/`
  const list = `${host.edge.address()}/_atek/apps`
  const browser = await host.signedIn('alice')
  expect(await browser.get(root)).toMatchObject({ status: 200 })

  host.identity.userSettings.setMainApp(alice.key, alice.key, app.key)
  const away = await browser.get(root)
  expect([away.status, away.header('location')]).toEqual([303, `${host.edge.appAddress('desk')}/`])
  const { answer } = await browser.follow(root)
  expect(JSON.parse(answer.body).rawHeaders).toContain(alice.key)
  // Also from where page loads on the bare domain are sent, and for a person who signs in.
  expect((await browser.follow(`http://localhost:${host.port}/`)).urls).toContain(`${host.edge.appAddress('desk')}/`)
  const page = await browser.get(list)
  expect([page.status, page.body]).toEqual([200, expect.stringContaining('"page":"home"')])

  // Nobody else's root is another.
  expect(await (await host.signedIn('bob')).get(root)).toMatchObject({ status: 200 })
  expect((await host.browser().get(root)).header('location')).toBe(`${host.edge.address()}/_atek/login`)
  const asked = await host.browser().get(list)
  expect(asked.header('location')).toBe(`${host.edge.address()}/_atek/login?redirect=%2F_atek%2Fapps`)

  // Stopped by a person: its page has a way to the list that does not lead back to it.
  await host.apps.stop('system', app.key)
  expect((await browser.follow(root)).answer.body).toContain(`"href":"${list}"`)

  host.identity.userSettings.setMainApp('system', alice.key, bobs.key)
  expect(await browser.get(root)).toMatchObject({ status: 200 })
  await host.apps.uninstall('system', bobs.key, { deleteData: true })
  expect(host.identity.userSettings.mainApp(alice.key)).toBeNull()
})
