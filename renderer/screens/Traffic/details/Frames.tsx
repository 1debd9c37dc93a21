import { Badge, Text } from '@mantine/core'
import { IconArrowDown, IconArrowUp } from '@tabler/icons-react'
import type { TrafficDetails } from '../../../../runtime/contract/models.ts'
import { plural, visible } from '../../../format/text.ts'
import { exactTime, preciseTime } from '../../../format/time.ts'
import { formatBytes } from '../../../format/units.ts'
import classes from './details.module.css'

/** The frames of a WebSocket, the newest last. */
export function Frames(props: { details: TrafficDetails }) {
  const { frames, frameCounts } = props.details
  if (frameCounts === null) return <Text c="dimmed">The connection never became a WebSocket.</Text>
  const all = frameCounts.in + frameCounts.out
  const previews = frames.some((frame) => frame.preview !== null)
  return (
    <>
      <Text c="dimmed" mb="xs">
        {plural(frameCounts.in, 'frame')} from the caller, {frameCounts.out.toLocaleString('en')} to it.
        {all > frames.length && ` The last ${frames.length} are kept.`}
        {all > 0 && !previews && ' What they say is kept only while bodies of the app are.'}
      </Text>
      {frames.length > 0 && (
        <table className={classes.frames}>
          <thead>
            <tr className={classes.columns}>
              <th scope="col">Time</th>
              <th scope="col">Way</th>
              <th scope="col">Kind</th>
              <th scope="col" className={classes.end}>
                Size
              </th>
              {previews && <th scope="col">Beginning</th>}
            </tr>
          </thead>
          <tbody>
            {frames.map((frame, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: frames have no name of their own; the list is read anew.
              <tr key={index} data-direction={frame.direction}>
                <td className={classes.dim} title={exactTime(frame.at)}>
                  {preciseTime(frame.at)}
                </td>
                <td>
                  {frame.direction === 'in' ? (
                    <span className={classes.way}>
                      <IconArrowUp size={14} aria-hidden="true" /> sent
                    </span>
                  ) : (
                    <span className={classes.way}>
                      <IconArrowDown size={14} aria-hidden="true" /> received
                    </span>
                  )}
                </td>
                <td>
                  <Badge size="xs" variant="default" tt="none">
                    {frame.opcode}
                    {frame.closeCode !== null && ` ${frame.closeCode}`}
                  </Badge>
                </td>
                <td className={classes.end}>{formatBytes(frame.bytes)}</td>
                {previews && (
                  <td className={classes.preview}>
                    <bdi>{visible(frame.preview ?? '')}</bdi>
                  </td>
                )}
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </>
  )
}
