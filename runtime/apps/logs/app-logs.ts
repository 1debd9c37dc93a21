import type { LogLine } from '../../contract/models.ts'
import type { Emitter } from '../../core/emitter.ts'
import type { LoggedLines, LogQuery } from '../types.ts'

export class AppLogs {
  constructor(_deps: { logged: Emitter<LoggedLines> }) {}
  async read(_key: string, _query: LogQuery): Promise<LogLine[]> {
    return []
  }
  async delete(_key: string): Promise<void> {}
  async dispose(): Promise<void> {}
}
