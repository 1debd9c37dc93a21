import { Text, Title } from '@mantine/core'
import { useId } from 'react'
import type { AuthHeaderLine } from '../../../../runtime/contract/models.ts'
import { visible } from '../../../format/text.ts'
import classes from './details.module.css'
import { SecretValue } from './SecretValue.tsx'

interface HeaderTableProps {
  title: string
  /** Over the two columns of values. */
  columns: readonly [before: string, after: string]
  lines: readonly AuthHeaderLine[]
  /** Instead of the table when there are no lines. */
  empty: string
  /** What a masked value was before it was masked; null where it may not or cannot be shown. */
  reveal: ((name: string, index: number) => Promise<string | null>) | null
}

/** Header lines before and after the host, and why the two differ. */
export function HeaderTable(props: HeaderTableProps) {
  const { title, columns, lines, empty, reveal } = props
  const id = useId()
  const seen = new Map<string, number>()
  return (
    <div className={classes.section}>
      <Title order={3} id={id} mb={4}>
        {title}
      </Title>
      {lines.length === 0 ? (
        <Text c="dimmed">{empty}</Text>
      ) : (
        <table className={classes.lines} aria-labelledby={id}>
          <thead>
            <tr className={classes.columns}>
              <th scope="col">Name</th>
              <th scope="col">{columns[0]}</th>
              <th scope="col">{columns[1]}</th>
            </tr>
          </thead>
          <tbody>
            {lines.map((line, index) => {
              const lower = line.name.toLowerCase()
              const nth = seen.get(lower) ?? 0
              if (line.sent !== null) seen.set(lower, nth + 1)
              const ask = reveal === null || line.sent === null ? null : () => reveal(lower, nth)
              return (
                // biome-ignore lint/suspicious/noArrayIndexKey: one name may come in several lines, which never change.
                <tr key={index}>
                  <th scope="row" className={`${classes.mono} ${classes.name}`}>
                    <bdi>{visible(line.name)}</bdi>
                  </th>
                  {line.action === 'kept' && line.sent === line.received ? (
                    <td className={classes.mono} colSpan={2}>
                      <SecretValue text={line.sent ?? ''} reveal={ask} />
                    </td>
                  ) : (
                    <>
                      <td className={classes.mono}>
                        <Sent line={line} reveal={ask} />
                      </td>
                      <td className={classes.mono}>
                        <Received line={line} />
                      </td>
                    </>
                  )}
                </tr>
              )
            })}
          </tbody>
        </table>
      )}
    </div>
  )
}

function Sent(props: { line: AuthHeaderLine; reveal: (() => Promise<string | null>) | null }) {
  const { line, reveal } = props
  if (line.sent === null) return <span className={classes.dim}>–</span>
  const dropped = line.action === 'stripped' || line.action === 'replaced'
  if (!dropped) return <SecretValue text={line.sent} reveal={reveal} />
  return (
    <>
      <SecretValue text={line.sent} stripped reveal={reveal} />
      <div className={classes.reason}>{visible(line.reason)}</div>
    </>
  )
}

function Received(props: { line: AuthHeaderLine }) {
  const { line } = props
  if (line.received === null) return <span className={classes.dim}>–</span>
  const ours = line.action === 'injected' || line.action === 'replaced'
  return (
    <>
      <span className={ours ? classes.injected : undefined}>
        <bdi>{visible(line.received)}</bdi>
        {line.label !== null && (
          <>
            {' '}
            <span className={classes.tag}>
              <bdi>{visible(line.label)}</bdi>
            </span>
          </>
        )}
      </span>
      {line.action === 'injected' && <div className={classes.reason}>{visible(line.reason)}</div>}
    </>
  )
}
