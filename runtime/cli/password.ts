import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'
import { AppError } from '../contract/errors.ts'
import { type CliIo, UsageError } from './io.ts'

/**
 * A new password: asked for twice on a terminal, unseen; otherwise the first line of standard input. Never an argument,
 * which every program of the computer could read (C51).
 */
export async function readPassword(io: CliIo): Promise<string> {
  if (io.stdin.isTTY !== true) {
    const password = await line(io, null)
    if (password === '') throw new UsageError('Give the password as the first line of standard input.')
    return password
  }
  const password = await line(io, 'Password: ')
  if (password !== (await line(io, 'Once more: '))) throw new AppError('BAD_INPUT', 'The two passwords differ.')
  return password
}

function line(io: CliIo, question: string | null): Promise<string> {
  const nowhere = new Writable({ write: (_piece, _encoding, done) => done() })
  if (question !== null) io.stderr.write(question)
  const lines = createInterface({ input: io.stdin, output: nowhere, terminal: question !== null })
  return new Promise((resolve, reject) => {
    lines.once('SIGINT', () => {
      reject(new AppError('CANCELLED', 'Nothing was changed.'))
      lines.close()
    })
    lines.once('line', (text) => {
      resolve(text)
      lines.close()
    })
    lines.once('close', () => {
      if (question !== null) io.stderr.write('\n')
      resolve('')
    })
  })
}
