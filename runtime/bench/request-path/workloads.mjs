/** What each contestant has to do. */
import { runWebSockets } from './websocket-load.mjs'
import { runWrk } from './wrk.mjs'

/** @typedef {import('./contestants/types.ts').Running} Running */

/**
 * @typedef {object} Workload
 * @property {string} id For --workloads.
 * @property {string} name
 * @property {(running: Running, seconds: number, folder: string) => Promise<import('./wrk.mjs').Figures> | null} run null: not for this one.
 */

/** @param {string} id @param {number} connections @returns {Workload} */
const small = (id, connections) => ({
  id,
  name: `1 kB GET, ${connections === 1 ? '1 connection' : `${connections} connections`}`,
  run: (running, seconds, folder) =>
    runWrk(
      { target: running.target('static'), path: '/1k', connections, cookies: running.cookies('static') },
      seconds,
      folder,
    ),
})

/** As Chromium sends them with a request that a page makes. */
const BROWSER = {
  Connection: 'keep-alive',
  'sec-ch-ua': '\\"Chromium\\";v=\\"130\\", \\"Not?A_Brand\\";v=\\"99\\"',
  'sec-ch-ua-mobile': '?0',
  'sec-ch-ua-platform': '\\"Linux\\"',
  'User-Agent': 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36',
  Accept: '*/*',
  'Sec-Fetch-Site': 'same-origin',
  'Sec-Fetch-Mode': 'cors',
  'Sec-Fetch-Dest': 'empty',
  'Accept-Encoding': 'gzip, deflate, br, zstd',
  'Accept-Language': 'en-GB,en;q=0.9',
}

/** @type {Workload[]} */
export const WORKLOADS = [
  small('get-1', 1),
  small('get-32', 32),
  small('get-256', 256),
  {
    id: 'get-browser',
    name: '1 kB GET with the headers of a browser, 32 connections',
    run: (running, seconds, folder) =>
      runWrk(
        {
          target: running.target('static'),
          path: '/1k',
          connections: 32,
          headers: { ...BROWSER, Referer: `http://${running.target('static').host}/` },
          cookies: running.cookies('static'),
        },
        seconds,
        folder,
      ),
  },
  {
    id: 'download',
    name: '1 MB download, 8 connections',
    run: (running, seconds, folder) =>
      runWrk(
        { target: running.target('static'), path: '/1m', connections: 8, cookies: running.cookies('static') },
        seconds,
        folder,
      ),
  },
  {
    id: 'upload',
    name: '1 MB upload, 8 connections',
    run: (running, seconds, folder) =>
      runWrk(
        {
          target: running.target('node'),
          path: '/upload',
          method: 'POST',
          connections: 8,
          headers: { Origin: `http://${running.target('node').host}` },
          cookies: running.cookies('node'),
          body: 'string.rep("x", 1048576)',
        },
        seconds,
        folder,
      ),
  },
  {
    id: 'websocket',
    name: 'WebSocket echo of 100 bytes, 100 sockets',
    run: (running, seconds) =>
      runWebSockets(
        { target: running.target('node'), cookie: running.cookies('node')[0] ?? '', sockets: 100, bytes: 100 },
        seconds,
      ),
  },
  {
    id: 'rpc',
    name: 'JSON-RPC call from app to app, 32 connections',
    run: (running, seconds, folder) => {
      const { path, headers, cookie, ...target } = running.rpc
      return runWrk(
        {
          target,
          path,
          method: 'POST',
          connections: 32,
          headers: { ...headers, 'Content-Type': 'application/json' },
          cookies: [cookie],
          body: `'{"jsonrpc":"2.0","id":1,"method":"greet","params":["world"]}'`,
        },
        seconds,
        folder,
      )
    },
  },
  {
    id: 'refused',
    name: '1 kB GET, half of them refused, 32 connections',
    run: (running, seconds, folder) =>
      running.refuses
        ? runWrk(
            {
              target: running.target('static'),
              path: '/1k',
              connections: 32,
              cookies: [...running.cookies('static').slice(0, 1), ''],
            },
            seconds,
            folder,
            true,
          )
        : null,
  },
]
