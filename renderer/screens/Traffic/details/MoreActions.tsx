import { ActionIcon, Menu, Tooltip } from '@mantine/core'
import { IconDots, IconKey, IconRefresh, IconTerminal2 } from '@tabler/icons-react'
import { useState } from 'react'
import type { Me, TrafficDetails } from '../../../../runtime/contract/models.ts'
import { control, desktop, toCallError } from '../../../api.ts'
import { notifyDone, notifyError } from '../../../components/notify.tsx'
import { ReplayDialog } from './ReplayDialog.tsx'

/** What leads out of the panel: a command line, the same request again. */
export function MoreActions(props: { details: TrafficDetails; me: Me; onGo(seq: number): void }) {
  const { details, me, onGo } = props
  const [replaying, setReplaying] = useState(false)
  const mayReveal = details.inMemory && (me.user.role === 'admin' || details.caller?.userKey === me.user.key)
  const copyCurl = async (masked: boolean) => {
    try {
      const text = await control('traffic.curl', { seq: details.seq, masked })
      await desktop('desktop.copyText', { text })
      notifyDone(masked ? 'Copied, without secrets.' : 'Copied with secrets. Whoever has it may be able to use them.')
    } catch (error) {
      notifyError(toCallError(error))
    }
  }
  const why =
    details.kind === 'websocket' ? 'A WebSocket cannot be made again' : details.state === 'open' ? 'Not over yet' : null
  return (
    <>
      <Tooltip label={why ?? 'Replay: make it again'}>
        <ActionIcon
          aria-label="Replay"
          aria-disabled={why !== null}
          data-disabled={why !== null || undefined}
          onClick={() => why === null && setReplaying(true)}
        >
          <IconRefresh size={16} />
        </ActionIcon>
      </Tooltip>
      <Menu width={260}>
        <Menu.Target>
          <Tooltip label="More">
            <ActionIcon aria-label="More actions">
              <IconDots size={16} />
            </ActionIcon>
          </Tooltip>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<IconTerminal2 size={16} />} onClick={() => void copyCurl(true)}>
            Copy as cURL
          </Menu.Item>
          {mayReveal && (
            <Menu.Item leftSection={<IconKey size={16} />} onClick={() => void copyCurl(false)}>
              Copy as cURL with secrets
            </Menu.Item>
          )}
        </Menu.Dropdown>
      </Menu>
      {replaying && <ReplayDialog details={details} me={me} onGo={onGo} onClose={() => setReplaying(false)} />}
    </>
  )
}
