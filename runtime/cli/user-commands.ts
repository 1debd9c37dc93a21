import { z } from 'zod'
import { AppError } from '../contract/errors.ts'
import { foldUsername } from '../storage/users-table.ts'
import type { Command } from './command.ts'
import type { HostConnection } from './host-connection.ts'
import { UsageError } from './io.ts'
import { readPassword } from './password.ts'

const API = 'atek.cloud/users-api'

const userSchema = z.looseObject({ key: z.string(), username: z.string(), role: z.string() })
type User = z.infer<typeof userSchema>

export const userCommands: Record<string, Command> = {
  mkuser: {
    synopsis: '<username>',
    summary: 'Adds a user. The password is asked for, or is the first line of standard input.',
    options: { admin: { type: 'boolean', help: 'make them an administrator' } },
    takes: [1, 1],
    async run({ host, args, flag, io }) {
      const [username = ''] = args
      const role = flag('admin') ? 'admin' : ''
      // The first run of the desktop window makes an administrator; after an ordinary user it would never come (C02).
      if (role === '' && (await list(host)).length === 0) {
        throw new UsageError('There is nobody yet, and the first user must be an administrator: add --admin.')
      }
      const user = await host.call(userSchema, API, 'create', { username, password: await readPassword(io), role })
      return { json: user, text: `Added ${user.username}${role === '' ? '' : ' as an administrator'}.\n` }
    },
  },
  moduser: {
    synopsis: '<username>',
    summary: "Changes a user's name, role or password. A new role or password signs them out.",
    options: {
      username: { type: 'string', help: 'their new name' },
      admin: { type: 'boolean', help: 'make them an administrator' },
      noAdmin: { type: 'boolean', help: 'make them an ordinary user' },
      password: { type: 'boolean', help: 'ask for a new password, or read it from standard input' },
    },
    takes: [1, 1],
    async run({ host, args, text, flag, io }) {
      if (flag('admin') && flag('noAdmin')) throw new UsageError('Give --admin or --noAdmin, not both.')
      const role = flag('admin') ? 'admin' : flag('noAdmin') ? '' : undefined
      const username = text('username')
      if (role === undefined && username === undefined && !flag('password')) {
        throw new UsageError('Say what to change: --username, --admin, --noAdmin or --password.')
      }
      const { key } = await byName(host, args)
      const password = flag('password') ? await readPassword(io) : undefined
      const user = await host.call(userSchema, API, 'update', key, { username, role, password })
      return { json: user, text: `Changed ${user.username}.\n` }
    },
  },
  deluser: {
    synopsis: '<username>',
    summary: 'Removes a user, with the apps that they own and what those apps kept.',
    options: {},
    takes: [1, 1],
    async run({ host, args }) {
      const user = await byName(host, args)
      await host.call(z.unknown(), API, 'delete', user.key)
      return { json: user, text: `Removed ${user.username}.\n` }
    },
  },
}

async function list(host: HostConnection): Promise<User[]> {
  return (await host.call(z.looseObject({ users: z.array(userSchema) }), API, 'list')).users
}

async function byName(host: HostConnection, [name = '']: string[]): Promise<User> {
  const found = (await list(host)).find((user) => foldUsername(user.username) === foldUsername(name))
  if (found === undefined) throw new AppError('NOT_FOUND', `There is no user named "${name}".`)
  return found
}
