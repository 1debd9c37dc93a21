import { Text, Title } from '@mantine/core'
import type { AuthHeaderLine } from '../../../runtime/contract/models.ts'
import { visible } from '../../format/text.ts'
import classes from './Traffic.module.css'

/** What the caller claimed, what the app was told, and why the two differ. */
export function AuthHeaders(props: { lines: AuthHeaderLine[]; reached: boolean }) {
  const { lines, reached } = props
  return (
    <div style={{ marginBottom: 20 }}>
      <Title order={3} id="auth-headers" mb={4}>
        Auth headers
      </Title>
      {lines.length === 0 && (
        <Text c="dimmed">
          {reached ? 'None were sent and none were set.' : 'None: the request never reached an app.'}
        </Text>
      )}
      {lines.length > 0 && (
        <table className={classes.auth} aria-labelledby="auth-headers">
          <thead>
            <tr>
              <th scope="col">Name</th>
              <th scope="col">Sent by the caller</th>
              <th scope="col">Received by the app</th>
            </tr>
          </thead>
          <tbody>
            {lines.map((line, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: one name may come in several lines, which never change.
              <tr key={index}>
                <th scope="row" className={classes.mono}>
                  <bdi>{visible(line.name)}</bdi>
                </th>
                <td className={classes.mono}>
                  <Sent line={line} />
                </td>
                <td className={classes.mono}>
                  <Received line={line} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </div>
  )
}

function Sent(props: { line: AuthHeaderLine }) {
  const { line } = props
  if (line.sent === null) return <span className={classes.dim}>–</span>
  const dropped = line.action === 'stripped' || line.action === 'replaced'
  if (!dropped) return <bdi>{visible(line.sent)}</bdi>
  return (
    <>
      <del className={classes.stripped}>
        <bdi>{visible(line.sent)}</bdi>
      </del>
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
