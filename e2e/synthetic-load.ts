import type { ElectronApplication } from '@playwright/test'

export interface Load {
  /** Requests that were begun and ended in the record. */
  sent(): Promise<number>
  stop(): Promise<number>
}

interface Sink {
  begin(input: object): {
    caller(caller: object): void
    forwarded(): void
    head(status: number, headers: readonly string[]): void
    bytes(received: number, sent: number): void
    refuse(code: string, reason: string, status: number | null): void
    end(): void
  }
}

/**
 * Puts requests into the record of the running desktop app, so many a second, through the same methods that the request
 * path calls. Sockets and apps are left out: on a small machine they would use up the time of what is measured here.
 * The shipped app has no door for that; the test goes in by the debugger, as whoever may start the app can.
 */
export async function putLoad(app: ElectronApplication, perSecond: number): Promise<Load> {
  await app.evaluate(async ({ ipcMain }) => {
    const { Session } = process.getBuiltinModule('node:inspector')
    const session = new Session()
    session.connect()
    type Answer = Record<string, unknown>
    const post = (method: string, params: object) =>
      new Promise<Answer>((done, failed) =>
        session.post(method, params, (error, result) => (error ? failed(error) : done(result as Answer))),
      )
    interface Property {
      name: string
      value?: { objectId?: string }
    }
    /** Everything that can be read from an object: own and private properties, and what a function closes over. */
    const inside = async (objectId: string): Promise<Property[]> => {
      const { result, privateProperties, internalProperties } = (await post('Runtime.getProperties', {
        objectId,
        ownProperties: true,
      })) as Record<string, Property[] | undefined>
      return [...(result ?? []), ...(privateProperties ?? []), ...(internalProperties ?? [])]
    }
    /** The first object with a property of that name, breadth first from where it is said to begin. */
    const find = async (from: string, name: string): Promise<string> => {
      let open = [from]
      const seen = new Set<string>()
      for (let depth = 0; depth < 16; depth += 1) {
        const next: string[] = []
        for (const objectId of open) {
          for (const property of await inside(objectId)) {
            const id = property.value?.objectId
            if (id === undefined || seen.has(id)) continue
            if (property.name === name) return id
            seen.add(id)
            if (/^(\[\[Scopes\]\]|\d+|deps|host|control|#runtime|#handlers|traffic\.list)$/.test(property.name))
              next.push(id)
          }
        }
        open = next
      }
      throw new Error(`There is no ${name} to be found.`)
    }
    const handlers = (ipcMain as unknown as { _invokeHandlers: Map<string, unknown> })._invokeHandlers
    Object.assign(globalThis, { loadEntry: handlers.get('atek:control') })
    const { result } = (await post('Runtime.evaluate', { expression: 'loadEntry' })) as { result: { objectId: string } }
    const recorder = await find(result.objectId, 'recorder')
    await post('Runtime.callFunctionOn', {
      objectId: recorder,
      functionDeclaration: 'function () { globalThis.loadRecorder = this }',
    })
    session.disconnect()
  })
  await app.evaluate((_electron, rate) => {
    const recorder = (globalThis as unknown as { loadRecorder: Sink }).loadRecorder
    const apps = ['notes', 'tasks', 'chat', 'hello', 'files', 'photos', 'mail']
    const people = ['alice', 'bob', 'carol']
    const headers = ['host', 'notes.localhost', 'user-agent', 'Mozilla/5.0', 'accept', '*/*', 'cookie', 'a=secret']
    const answer = ['content-type', 'application/json', 'content-length', '512']
    const state = { sent: 0, timer: undefined as ReturnType<typeof setInterval> | undefined }
    const began = performance.now()
    const one = () => {
      const number = state.sent++
      const id = apps[number % apps.length] ?? ''
      const request = recorder.begin({
        kind: 'http',
        appKey: `${number % apps.length}`.repeat(32),
        appId: id,
        method: number % 5 === 0 ? 'POST' : 'GET',
        path: `/api/things/${number}?page=${number % 9}`,
        requestHeaders: headers,
      })
      request.caller({
        userKey: `${number % people.length}`.repeat(32),
        username: people[number % people.length],
        serviceKey: null,
        serviceId: null,
      })
      if (number % 11 === 0) request.refuse('FORBIDDEN', 'No such luck.', 403)
      else {
        request.forwarded()
        request.head(number % 13 === 0 ? 500 : 200, answer)
        request.bytes(0, 512)
      }
      request.end()
    }
    // As many as are due by now: a late timer makes up for what it missed.
    state.timer = setInterval(() => {
      const due = ((performance.now() - began) / 1000) * rate
      for (let left = 1000; state.sent < due && left > 0; left -= 1) one()
    }, 10)
    Object.assign(globalThis, { loadState: state })
  }, perSecond)
  const sent = () => app.evaluate(() => (globalThis as unknown as { loadState: { sent: number } }).loadState.sent)
  return {
    sent,
    stop: async () => {
      await app.evaluate(() => {
        clearInterval((globalThis as unknown as { loadState: { timer: NodeJS.Timeout } }).loadState.timer)
      })
      return sent()
    },
  }
}
