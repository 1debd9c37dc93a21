import { z } from 'zod'
import { Table } from './table.ts'

/** Attempts to sign in, by bucket; stored, so that a restart gives a guesser no fresh start (C26). */
export class SignInAttemptsTable extends Table {
  /** Times of the attempts after `since`, newest first, `limit` at most. */
  times(bucket: string, since: number, limit: number): number[] {
    return this.all(
      z.object({ at: z.number() }),
      'SELECT at FROM sign_in_attempts WHERE bucket = :bucket AND at > :since ORDER BY at DESC LIMIT :limit',
      { bucket, since, limit },
    ).map((row) => row.at)
  }

  insert(bucket: string, at: number): number {
    return this.add('INSERT INTO sign_in_attempts (bucket, at) VALUES (:bucket, :at)', { bucket, at })
  }

  delete(id: number): void {
    this.run('DELETE FROM sign_in_attempts WHERE id = :id', { id })
  }

  deleteBucket(bucket: string): void {
    this.run('DELETE FROM sign_in_attempts WHERE bucket = :bucket', { bucket })
  }

  deleteUntil(at: number): void {
    this.run('DELETE FROM sign_in_attempts WHERE at <= :at', { at })
  }
}
