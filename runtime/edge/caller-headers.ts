import { appTitle } from '../apps/app-title.ts'
import type { User } from '../contract/models.ts'
import type { AppRecord } from '../storage/apps-table.ts'
import { chosenHeaders } from './identity-headers.ts'
import type { CallerHeaders } from './request-account.ts'

/** By record of the app and of the person: both are replaced whenever something about them changes. */
const known = new WeakMap<AppRecord, WeakMap<User, CallerHeaders>>()

/** What an app is told of a person, made once for all requests. */
export function callerHeaders(app: AppRecord, user: User): CallerHeaders {
  let users = known.get(app)
  if (users === undefined) {
    users = new WeakMap()
    known.set(app, users)
  }
  let headers = users.get(user)
  if (headers === undefined) {
    headers = {
      chosen: chosenHeaders(app, user),
      auth: { user: user.key, userLabel: user.username, service: app.key, serviceLabel: appTitle(app) },
    }
    users.set(user, headers)
  }
  return headers
}
