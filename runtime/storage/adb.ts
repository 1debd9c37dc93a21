import type Database from 'better-sqlite3'
import { AdbAdministration } from './adb-administration.ts'
import { AdbChangesTable } from './adb-changes-table.ts'
import { AdbDatabasesTable } from './adb-databases-table.ts'
import { AdbRecordsTable } from './adb-records-table.ts'

/** The document store: everything but `administration` takes the scope of an owner and a service (C42). */
export class Adb {
  readonly databases: AdbDatabasesTable
  readonly records: AdbRecordsTable
  readonly changes: AdbChangesTable
  readonly administration: AdbAdministration

  constructor(db: Database.Database, file: string) {
    this.databases = new AdbDatabasesTable(db, file)
    this.records = new AdbRecordsTable(db, file)
    this.changes = new AdbChangesTable(db, file)
    this.administration = new AdbAdministration(db, file)
  }
}
