import { Readable, Writable } from 'node:stream'
import { main } from '../main.ts'

export interface Outcome {
  code: number
  stdout: string
  stderr: string
}

/** The command line in this process, with `input` as its standard input. */
export async function runCli(argv: string[], input = ''): Promise<Outcome> {
  const written = { stdout: '', stderr: '' }
  const into = (name: keyof typeof written) =>
    new Writable({
      write(piece, _encoding, done) {
        written[name] += piece
        done()
      },
    })
  const io = { stdin: Readable.from([input]), stdout: into('stdout'), stderr: into('stderr') }
  const code = await main(argv, io, '/nowhere')
  return { code, ...written }
}
