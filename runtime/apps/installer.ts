import { AppError } from '../contract/errors.ts'
import type { InstallProgress, InstallReview } from '../contract/models.ts'
import type { AppRecord } from '../storage/apps-table.ts'
import type { Registry } from './registry.ts'
import type { ActorKey, AppsDeps, InstallInput, ReviewInput } from './types.ts'

export interface InstallerDeps extends AppsDeps {
  registry: Registry
  progress(progress: InstallProgress, actor: ActorKey): void
  installed(record: AppRecord): Promise<void>
}

export class Installer {
  constructor(_deps: InstallerDeps) {}
  review(_input: ReviewInput): Promise<InstallReview> {
    return Promise.reject(new AppError('INTERNAL', 'Not there yet.'))
  }
  install(_input: InstallInput): Promise<AppRecord> {
    return Promise.reject(new AppError('INTERNAL', 'Not there yet.'))
  }
  cancel(_reviewId: string, _actor: ActorKey): void {}
  async dispose(): Promise<void> {}
}
