import { Tooltip } from '@mantine/core'
import { RateLine } from '../../components/Sparkline.tsx'
import { formatRate } from '../../format/units.ts'
import { hostStore } from '../../state/panel.ts'
import { useStore } from '../../state/store.ts'
import classes from './Frame.module.css'

/** That the host runs, on which port, and how much passes through it. */
export function HostState() {
  const host = useStore(hostStore, (status) => status)
  if (host === null) return null
  return (
    <Tooltip label={`${host.address} · ${formatRate(host.requestsPerSecond)}`} position="right">
      <div className={classes.host}>
        <div className={classes.hostState}>
          <span className={classes.dot} aria-hidden="true" />
          <span>
            <span className={classes.label}>Running on </span>:{host.port}
          </span>
        </div>
        <div className={classes.hostRate}>
          <RateLine values={host.recentRequests} width={72} height={16} />
          <span>{formatRate(host.requestsPerSecond)}</span>
        </div>
      </div>
    </Tooltip>
  )
}
